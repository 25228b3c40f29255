/* Gathering the records that a query found. */
#ifndef VT_STORE_RECORDS_H
#define VT_STORE_RECORDS_H

#include "store/store.h"

/* Copies a record, texts and body, into one block. */
vt_status vt__records_append(vt__records *records, const vt__record *from, vt_error *err);
/* Clears the body and frees the block of one record. */
void vt__record_release(vt__record *record);

#endif
