#!/usr/bin/env python3
"""A new account against an ID photo: the holder of the papers, live before the camera, or a branch.

usage: new_account.py begin ACCOUNT PHOTO agreed   the applicant ticked the consent: a token for the page with <vultus-liveness>
       new_account.py finish ACCOUNT               after the camera: opens the account, or sends to a branch
       new_account.py branch ACCOUNT               the other way: staff looked at the papers

Accounts are kept in new-accounts.json (NEW_ACCOUNT_REGISTER). Neither the photo nor the film is kept, nor any template: the
session is deleted as soon as it is read."""
import os
import pathlib
import uuid

from azure.ai.vision.face import FaceSessionClient
from azure.ai.vision.face.models import CreateLivenessWithVerifySessionContent, LivenessOperationMode
from azure.core.credentials import AzureKeyCredential

import service

TO_A_BRANCH = "please come to a branch with your papers"


def register():
    return service.Register(os.environ.get("NEW_ACCOUNT_REGISTER", "new-accounts.json"))


def sessions():
    endpoint, key = service.endpoint_and_key()
    return FaceSessionClient(endpoint, AzureKeyCredential(key))


def begin(name, photo, agreed):
    accounts = register()
    if accounts.entries.get(name) == {"state": "open"}:
        raise service.Refused(f"{name} is open already")
    if agreed != "agreed":
        raise service.Refused(f"without consent no face is compared: {TO_A_BRANCH}")
    client, _ = service.clients()
    service.one_good_face(client, photo)
    wish = CreateLivenessWithVerifySessionContent(liveness_operation_mode=LivenessOperationMode.PASSIVE,
                                                  device_correlation_id=str(uuid.uuid4()), auth_token_time_to_live_in_seconds=600)
    made = sessions().create_liveness_with_verify_session(wish, verify_image=pathlib.Path(photo).read_bytes())
    accounts.entries[name] = {"state": "camera", "session": made.session_id}
    accounts.save()
    return made.auth_token


def finish(name):
    accounts = register()
    entry = accounts.entries.get(name, {})
    if entry.get("state") != "camera":
        raise service.Refused(f"{name} is not before the camera")
    client = sessions()
    session = client.get_liveness_with_verify_session_result(entry["session"])
    if session.status != "ResultAvailable":
        raise service.Refused("the camera is not done yet")
    body = session.result.response.body
    good = body.liveness_decision == "realface" and body.verify_result and body.verify_result.is_identical
    client.delete_liveness_with_verify_session(entry["session"])
    accounts.entries[name] = {"state": "open" if good else "branch"}
    accounts.save()
    return f"{name} is open" if good else TO_A_BRANCH


def branch(name):
    accounts = register()
    accounts.entries[name] = {"state": "open"}
    accounts.save()
    return f"{name} is open"


if __name__ == "__main__":
    service.run({"begin": begin, "finish": finish, "branch": branch}, __doc__)
