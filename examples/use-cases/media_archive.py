#!/usr/bin/env python3
"""A media archive: where in the videos is a person of contemporary history? A hit is a proposal that an archivist looks at.

usage: media_archive.py person NAME BASIS PICTURE...   somebody who may be looked for, and why (the archives act, a consent)
       media_archive.py index FOLDER                   the videos of a folder below the server's archive root
       media_archive.py find NAME                      proposals: video, from-to, confidence
       media_archive.py confirm NAME VIDEO             an archivist saw that it is so: it enters the finding aid
       media_archive.py describe VIDEO TEXT            the other way: what is in a video, in words
       media_archive.py words TEXT                     search of the finding aid; no face is compared
       media_archive.py forget NAME                    NAME is erased; the receipt goes to archive-receipts

The finding aid is kept in finding-aid.json (FINDING_AID). Of videos Vultus keeps times and templates, no picture."""
import os
import pathlib
import time

import service

GROUP, ARCHIVE = "archive-people", "collection"


def finding_aid():
    aid = service.Register(os.environ.get("FINDING_AID", "finding-aid.json"))
    aid.entries = aid.entries or {"people": {}, "videos": {}}
    return aid


def person_of(aid, name):
    if name not in aid.entries["people"]:
        raise service.Refused(f"{name} is not among those who may be looked for")
    return aid.entries["people"][name]


def person(name, basis, *pictures):
    aid = finding_aid()
    if not pictures:
        raise service.Refused("no picture given")
    _, admin = service.clients()
    groups = admin.large_person_group
    if not service.exists(groups.get, GROUP):
        groups.create(GROUP, name="Persons of contemporary history", recognition_model=service.MODELS["recognition_model"])
    made = groups.create_person(GROUP, name=name).person_id
    service.ask("PUT", f"consents/{made}", {"how": basis, "textVersion": "archive-2026-1"})
    for picture in pictures:
        groups.add_face(GROUP, made, pathlib.Path(picture).read_bytes(), detection_model=service.MODELS["detection_model"])
    groups.begin_train(GROUP, polling_interval=0.1).result()
    aid.entries["people"][name] = made
    aid.save()
    return f"{name} may be looked for: {basis}"


def index(folder):
    if ARCHIVE not in [one["archive"] for one in service.ask("GET", "archives")]:
        service.ask("PUT", f"archives/{ARCHIVE}", {})
    job = service.ask("POST", f"archives/{ARCHIVE}/videos", {"folder": folder})
    while job["state"] not in ("succeeded", "failed"):
        time.sleep(0.2)
        job = service.ask("GET", f"jobs/{job['jobId']}")
        print(f"\r{job['progress']:4.0%}", end="\n" if job["state"] in ("succeeded", "failed") else "", flush=True)
    failed = [f"not read: {one['video']}" for one in job.get("failedVideos", [])]
    return "\n".join([f"{job['videos']} indexed, {job['unchanged']} known already", *failed])


def hits_of(aid, name):
    return service.ask("POST", f"archives/{ARCHIVE}/search", {"personIds": [person_of(aid, name)], "people": f"lpg/{GROUP}"})["hits"]


def find(name):
    lines = [f"{hit['video']}  {hit['from']:.1f} s to {hit['to']:.1f} s  confidence {hit['confidence']:.2f}" for hit in hits_of(finding_aid(), name)]
    return "\n".join(["proposals; look before you confirm", *lines] if lines else [f"{name} was not found; the finding aid may know more"])


def confirm(name, video):
    aid = finding_aid()
    seen = [f"{name} from {hit['from']:.1f} s to {hit['to']:.1f} s" for hit in hits_of(aid, name) if hit["video"] == video]
    if not seen:
        raise service.Refused(f"{name} was not proposed in {video}")
    aid.entries["videos"].setdefault(video, []).extend(seen)
    aid.save()
    return f"{video}: {'; '.join(seen)}"


def describe(video, text):
    aid = finding_aid()
    aid.entries["videos"].setdefault(video, []).append(text)
    aid.save()
    return f"{video}: {text}"


def words(text):
    found = [f"{video}: {line}" for video, lines in finding_aid().entries["videos"].items() for line in lines if text.lower() in line.lower()]
    return "\n".join(found) or "nothing in the finding aid"


def forget(name):
    aid = finding_aid()
    service.erase(person_of(aid, name), aid.path.parent / "archive-receipts")
    del aid.entries["people"][name]
    aid.save()
    return f"{name} is erased"


if __name__ == "__main__":
    service.run({"person": person, "index": index, "find": find, "confirm": confirm, "describe": describe, "words": words, "forget": forget}, __doc__)
