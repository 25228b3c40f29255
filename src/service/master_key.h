/* The master key of a data folder, and its rotation while the service runs. A file keys/master.key.next orders one (see
 * store/keyring.h): it is carried out at once when the service opens, and within a second by one that runs. */
#ifndef VT_SERVICE_MASTER_KEY_H
#define VT_SERVICE_MASTER_KEY_H

#include "service/service.h"

/* Opens service->store. `hex` as in vt__service_options. VT_EINTEGRITY: the data has another master key. */
vt_status vt__master_key_open(vt__service *service, const char *hex, vt_error *err);

/* Carries an ordered rotation out: every data key here and in the backups' key files is wrapped anew, then the new key takes
 * the place of keys/master.key. VT_OK where none is ordered. Killed in the middle: the next start ends it. */
vt_status vt__master_key_rotate(vt__service *service, vt_error *err);

#endif
