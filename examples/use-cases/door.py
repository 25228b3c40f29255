#!/usr/bin/env python3
"""Touchless access: a door that opens for enrolled people who agreed, and for every card.

usage: door.py staff NAME CARD               a person of the house, with a card; no face needed
       door.py enrol NAME FORM PICTURE...    NAME signed consent form FORM: the face opens the door, too
       door.py face PICTURE                  the camera's picture: open, or ask for the card
       door.py card CARD                     the other way, as near and as good
       door.py withdraw NAME                 consent withdrawn: the face opens nothing from now on, the card does
       door.py leave NAME                    NAME leaves: everything is erased, the receipt goes to door-receipts

People and cards are kept in staff.json (DOOR_REGISTER). No picture is kept."""
import os
import pathlib

import service

GROUP, CAMERA = "door-staff", "front-door"
CONSENT_TEXT = "door-2026-1"  # the version of the text on the form
USE_CARD = "not recognised; please use your card"


def register():
    return service.Register(os.environ.get("DOOR_REGISTER", "staff.json"))


def known(staff, name):
    if name not in staff.entries:
        raise service.Refused(f"{name} is not of the house; door.py staff comes first")
    return staff.entries[name]


def staff(name, card):
    people = register()
    if any(entry["card"] == card for other, entry in people.entries.items() if other != name):
        raise service.Refused("that card is somebody else's")
    people.entries.setdefault(name, {})["card"] = card
    people.save()
    return f"{name} opens the door with the card"


def enrol(name, form, *pictures):
    people = register()
    entry = known(people, name)
    if not pictures:
        raise service.Refused("no picture given")
    if entry.get("person"):
        raise service.Refused(f"{name} is enrolled already")
    client, admin = service.clients()
    for picture in pictures:
        service.one_good_face(client, picture)
    groups = admin.large_person_group
    if not service.exists(groups.get, GROUP):
        groups.create(GROUP, name="People who open the door by face", recognition_model=service.MODELS["recognition_model"])
    person = groups.create_person(GROUP, name=name).person_id
    service.ask("PUT", f"consents/{person}", {"how": f"form {form}, signed", "textVersion": CONSENT_TEXT})
    for picture in pictures:
        groups.add_face(GROUP, person, pathlib.Path(picture).read_bytes(), detection_model=service.MODELS["detection_model"])
    groups.begin_train(GROUP, polling_interval=0.1).result()
    entry["person"] = person
    people.save()
    return f"{name} opens the door by face, too"


def face(picture):
    client, _ = service.clients()
    probe = service.one_good_face(client, picture)
    answer, = client.identify_from_large_person_group(
        {"faceIds": [probe], "largePersonGroupId": GROUP, "returnDecision": True, "targetFpir": 0.001},
        headers={"x-vultus-camera": CAMERA})
    if answer["decision"] != "match" or answer["ambiguous"]:
        raise service.Refused(USE_CARD)
    names = {entry.get("person"): name for name, entry in register().entries.items()}
    name = names.get(answer.candidates[0].person_id)
    if not name:
        raise service.Refused(USE_CARD)
    return f"open: {name}, by face"


def card(number):
    for name, entry in register().entries.items():
        if entry["card"] == number:
            return f"open: {name}, by card"
    raise service.Refused("that card is not known; please ring the bell")


def withdraw(name):
    entry = known(register(), name)
    if not entry.get("person"):
        raise service.Refused(f"{name} has no face enrolled")
    service.ask("DELETE", f"consents/{entry['person']}")
    return f"{name}'s face opens nothing from now on; the card does"


def leave(name):
    people = register()
    entry = known(people, name)
    if entry.get("person"):
        service.erase(entry["person"], people.path.parent / "door-receipts")
    del people.entries[name]
    people.save()
    return f"{name} is erased"


if __name__ == "__main__":
    service.run({"staff": staff, "enrol": enrol, "face": face, "card": card, "withdraw": withdraw, "leave": leave}, __doc__)
