#!/usr/bin/env python3
"""Makes what follows from the tables of this folder: src/rest/operations_table.h, src/rest/errors_table.h,
src/service/purposes_table.h and api/openapi.json. With --check it writes nothing and fails when one of them is stale.

operations.tsv: a row an operation of the contract ("OP-…", the reference's numbering) or of our own. Rows of one
method and path are one route. `handler` names the C function vt__rest_<handler>; "-" answers 501. `body` is "-", the
name of a JSON schema, "image" (octet-stream), "video" (video/*, streamed) or "multipart:<schema>". `versions` "-": the path has no version. `action` is the vt__action whose registered use it needs, left out for none;
`also` names statuses beside those that all routes of its kind can answer.
"""
import csv
import json
import pathlib
import re
import sys

API = pathlib.Path(__file__).resolve().parent
ROOT = API.parent
VERSIONS = ["v1.0", "v1.0-preview", "v1.1-preview.1", "v1.2-preview.1", "v1.2", "v1.3-preview.1"]
TYPES = {"text": ["text/plain"], "html": ["text/html"], "jpeg": ["application/octet-stream"], "picture": ["image/*"], "video": ["video/*"],
         "script": ["text/javascript"]}


def rows(name):
    with open(API / name, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def routes(operations):
    """Operations of one method and path together, in the order of the table, fixed segments before {params}."""
    out = {}
    for operation in operations:
        out.setdefault((operation["method"], operation["path"].lower()), []).append(operation)
    return sorted(out.values(), key=lambda group: [part.startswith("{") for part in group[0]["path"].split("/")])


def name_of(group):
    return min((row["name"] for row in group), key=len)


def versions_of(group):
    return sorted({v for row in group for v in row["versions"].split(",") if v != "-"}, key=VERSIONS.index)


def takes_of(group):
    takes = set()
    for row in group:
        if row["body"] == "image":
            takes.add("VT__TAKES_IMAGE")
        elif row["body"] == "video":
            takes.add("VT__TAKES_VIDEO")
        elif row["body"].startswith("multipart:"):
            takes.add("VT__TAKES_MULTIPART")
        elif row["body"] != "-":
            takes.add("VT__TAKES_JSON")
    return " | ".join(sorted(takes)) or "0"


def operations_table(operations):
    lines = ["/* Made by api/generate.py from api/operations.tsv: method, pattern, name, versions, scope, kind, bodies, handler, action.",
             " * Included where X is defined. */"]
    for group in routes(operations):
        first = group[0]
        mask = sum(1 << VERSIONS.index(v) for v in versions_of(group))
        handler = "not_served" if first["handler"] == "-" else first["handler"]
        lines.append(f'X("{first["method"]}", "{first["path"]}", "{name_of(group)}", 0x{mask:02x}, '
                     f'{first["scope"].upper()}, {first["kind"]}, {takes_of(group)}, {handler}, {first["action"] or "NONE"})')
    return "\n".join(lines) + "\n"


def errors_table(errors):
    lines = ["/* Made by api/generate.py from api/errors.tsv: key, status, code, message. Included where X is defined. */"]
    for row in errors:
        lines.append(f'X({row["key"]}, {row["status"]}, "{row["code"]}", {json.dumps(row["message"])})')
    return "\n".join(lines) + "\n"


def request_body(group):
    content = {}
    for row in group:
        if row["body"] == "image":
            content["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
        elif row["body"] == "video":
            content["video/*"] = {"schema": {"type": "string", "format": "binary"}}
        elif row["body"].startswith("multipart:"):
            content["multipart/form-data"] = {"schema": {"$ref": "#/components/schemas/" + row["body"][10:]}}
        elif row["body"] != "-":
            one = {"$ref": "#/components/schemas/" + row["body"]}
            content.setdefault("application/json", {"schema": {"anyOf": []}})["schema"]["anyOf"].append(one)
    json_schema = content.get("application/json", {}).get("schema")
    if json_schema and len(json_schema["anyOf"]) == 1:
        content["application/json"]["schema"] = json_schema["anyOf"][0]
    return {"required": True, "content": content} if content else None


def success(group):
    out = {}
    for row in group:
        answer = out.setdefault(row["ok"], {"description": "Done" if row["result"] == "-" else row["result"]})
        if row["result"] in TYPES:
            answer["content"] = {kind: {"schema": {"type": "string"}} for kind in TYPES[row["result"]]}
        elif row["result"] != "-":
            answer["content"] = {"application/json": {"schema": {"$ref": "#/components/schemas/" + row["result"]}}}
        if row["result"] == "video":
            out["206"] = dict(answer, description="A range of it")
        if row["ok"] == "202":
            answer["headers"] = {"operation-location": {"schema": {"type": "string"},
                                                        "description": "Where to ask how far it is"}}
    return out


def statuses_of(group):
    """The statuses that a route can answer beside its success."""
    first = group[0]
    also = {int(status) for row in group for status in (row["also"] or "").split(",") if status}
    if first["scope"] == "open" and first["versions"] == "-":
        return sorted({400, 413, 429, 500, 503} | ({404} if "{" in first["path"] else set()) | also)
    out = also | {400, 401, 403, 408, 413, 429, 500, 503}
    if first["versions"] != "-" or "{" in first["path"]:
        out.add(404)
    if any(row["body"] != "-" for row in group):
        out.add(415)
    if first["method"] != "GET" and first["handler"] not in ("detect", "verify", "group"):
        out.add(409)
    if any(row["result"] == "video" for row in group):
        out |= {409, 416}
    if any("people" in row["query"].split(",") for row in group):
        out.add(404)
    return sorted(out)


def parameters(group, known):
    out = []
    for name in re.findall(r"{(\w+)}", group[0]["path"]):
        schema = {"type": "string", "enum": versions_of(group)} if name == "apiVersion" else known["path"][name]
        out.append({"name": name, "in": "path", "required": True, "schema": schema})
    names = {}
    for row in group:
        names.update(dict.fromkeys(n for n in row["query"].split(",") if n != "-"))
    return out + [{"$ref": "#/components/parameters/" + name} for name in names]


def operation_object(group, known):
    first = group[0]
    tag = re.sub(r"^/face/{apiVersion}/", "", first["path"]).split("/")[0] if first["path"].startswith("/face") else "server"
    out = {"operationId": name_of(group), "summary": first["summary"],
           "description": first["summary"] + " (" + ", ".join(row["id"] for row in group) + ").", "tags": [tag]}
    given = parameters(group, known)
    if given:
        out["parameters"] = given
    body = request_body(group)
    if body:
        out["requestBody"] = body
    out["responses"] = success(group)
    for status in statuses_of(group):
        out["responses"][str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    if first["scope"] == "open":
        out["security"] = []
    return out


def error_responses(errors):
    codes = {}
    for row in errors:
        codes.setdefault(int(row["status"]), []).append(row["code"])
    out = {}
    for status, names in sorted(codes.items()):
        answer = {"description": "Error: " + ", ".join(dict.fromkeys(names)),
                  "headers": {"x-ms-error-code": {"schema": {"type": "string"}, "description": "The code again"}},
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
        if status in (429, 503):
            answer["headers"]["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds to wait"}
        out[f"Error{status}"] = answer
    return out


def openapi(operations, errors, known):
    paths, tags = {}, {}
    for group in routes(operations):
        if group[0]["handler"] == "-":
            continue  # answered with 501; the description tells only what is served
        made = operation_object(group, known)
        tags[made["tags"][0]] = None
        paths.setdefault(group[0]["path"], {})[group[0]["method"].lower()] = made
    used = json.dumps(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vultus", "version": "0.1.0", "description": "A face service of one's own. The paths under "
                 "/face are those of the Azure AI Face service in all its versions; paths and letters of fixed segments "
                 "match without regard to case. Operations of "
                 "that service which are not here answer 501.", "contact": {"name": "Vultus", "url": "https://localhost/"},
                 "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"key": []}, {"token": []}],
        "tags": [{"name": name, "description": f"Operations on {name}"} for name in sorted(tags)],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key"},
                "token": {"type": "http", "scheme": "bearer", "description": "A token of this server with scopes"}},
            "parameters": {n: p for n, p in known["query"].items() if f"#/components/parameters/{n}\"" in used},
            "responses": {n: r for n, r in error_responses(errors).items() if f"#/components/responses/{n}\"" in used},
            "schemas": known["schemas"],
        },
    }


def purposes_table(purposes):
    lines = ["/* Made by api/generate.py from api/purposes.tsv: id, sector, consent required, days a person is kept, actions, summary.",
             " * Included where X is defined. */"]
    for row in purposes:
        actions = " | ".join(f"ALLOW({action})" for action in row["actions"].split(","))
        consent = "true" if row["consent"] == "required" else "false"
        summary = json.dumps(row["summary"])
        lines.append(f'X("{row["id"]}", "{row["sector"]}", {consent}, {row["retention_days"]}, {actions}, {summary})')
    return "\n".join(lines) + "\n"


def main():
    operations, errors = rows("operations.tsv"), rows("errors.tsv")
    known = json.loads((API / "schemas.json").read_text())
    made = {
        ROOT / "src/rest/operations_table.h": operations_table(operations),
        ROOT / "src/rest/errors_table.h": errors_table(errors),
        ROOT / "src/service/purposes_table.h": purposes_table(rows("purposes.tsv")),
        API / "openapi.json": json.dumps(openapi(operations, errors, known), indent=1) + "\n",
    }
    stale = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)}: {'stale; run api/generate.py' if '--check' in sys.argv else 'made anew'}")
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(made[path])
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
