#!/usr/bin/env python3
"""Duplicate and blocked users at sign-up: a face that is known already, or that was blocked, makes a case for a person to
decide; the program never turns anybody away by itself.

usage: sign_up.py join ACCOUNT PICTURE      a new account: it opens, or becomes a case
       sign_up.py papers ACCOUNT            the other way: no face, a person looks at the papers
       sign_up.py cases                     what waits for a decision, and why
       sign_up.py accept ACCOUNT            a person decided: the account opens
       sign_up.py refuse ACCOUNT            a person decided: it does not
       sign_up.py block ACCOUNT             a person decided: closed, and its face makes a case when it comes again
       sign_up.py close ACCOUNT             the account ends: its face is erased, the receipt goes to sign-up-receipts

Accounts and cases are kept in accounts.json (SIGN_UP_REGISTER). No picture is kept; a blocked face
goes when the list's retention ends."""
import os
import pathlib

import service

LIST = "sign-up"
SAME = 0.6  # of two strangers, one pair in a million is as alike


def register():
    return service.Register(os.environ.get("SIGN_UP_REGISTER", "accounts.json"))


def account(accounts, name, *states):
    entry = accounts.entries.get(name)
    if not entry or entry["state"] not in states:
        raise service.Refused(f"{name} is {entry['state'] if entry else 'no account'}; this needs {' or '.join(states)}")
    return entry


def alike(client, large, accounts, probe):
    """Why a person has to look: the accounts whose face is this one, or was."""
    if not service.exists(large.get, LIST):  # the first sign-up of all
        large.create(LIST, name="Faces of accounts", recognition_model=service.MODELS["recognition_model"])
        return []
    found = client.find_similar_from_large_face_list(face_id=probe, large_face_list_id=LIST, max_num_of_candidates_returned=3)
    faces = {similar.persisted_face_id for similar in found if similar.confidence >= SAME}
    return [f"{'blocked as' if entry['state'] == 'blocked' else 'has an account already:'} {name}"
            for name, entry in accounts.entries.items() if entry.get("face") in faces]


def join(name, picture):
    accounts = register()
    if name in accounts.entries:
        raise service.Refused(f"there is an account {name} already")
    client, admin = service.clients()
    probe = service.one_good_face(client, picture)
    large = admin.large_face_list
    reasons = alike(client, large, accounts, probe)
    face = large.add_face(LIST, pathlib.Path(picture).read_bytes(), detection_model=service.MODELS["detection_model"]).persisted_face_id
    large.begin_train(LIST, polling_interval=0.1).result()
    accounts.entries[name] = {"state": "case" if reasons else "open", "reasons": reasons, "face": face}
    accounts.save()
    return "a person looks at this within a day; you may also show your papers" if reasons else f"{name} is open"


def papers(name):
    accounts = register()
    entry = accounts.entries.setdefault(name, {"state": "case", "reasons": []})
    account(accounts, name, "case")
    entry["reasons"].append("papers")
    accounts.save()
    return f"{name}: a person looks at the papers"


def cases():
    waiting = [f"{name}: {', '.join(entry['reasons'])}" for name, entry in register().entries.items() if entry["state"] == "case"]
    return "\n".join(waiting) or "nothing waits"


def decide(name, state):
    accounts = register()
    account(accounts, name, "case")["state"] = state
    if state == "refused":
        forget(accounts, name)
    accounts.save()
    return f"{name} is {state}"


def forget(accounts, name):
    face = accounts.entries[name].pop("face", None)
    if face:
        service.erase(face, accounts.path.parent / "sign-up-receipts")


def block(name):
    accounts = register()
    entry = account(accounts, name, "open", "case")
    entry["state"] = "blocked"
    accounts.save()
    return f"{name} is blocked"


def close(name):
    accounts = register()
    account(accounts, name, "open")
    forget(accounts, name)
    del accounts.entries[name]
    accounts.save()
    return f"{name} is closed and erased"


if __name__ == "__main__":
    service.run({"join": join, "papers": papers, "cases": cases, "accept": lambda name: decide(name, "open"),
                 "refuse": lambda name: decide(name, "refused"), "block": block, "close": close}, __doc__)
