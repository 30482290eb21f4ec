/* A ceremony moves to another server, planned and rare.
 *
 * The old server's journal ends with HandedOver{key of the new one}; the new one's begins with
 * TakenOver{key, root of all before, the old server's signature over that head}. So both have
 * signed where it went, the old one's engine refuses to go on, and whoever goes on under the old
 * key contradicts its own signature.
 *
 * The bundle is a directory:
 *   public/            an ordinary export: anybody can verify it, and it may be published
 *   head.json          the old journal's head, signed (format/head.h)
 *   private.jsonl      the private parts of its entries, for the new server only
 *   invitations.jsonl  who may sign in
 *   response.bin       the newest accepted response, as it was uploaded
 * Sessions do not move: they are the old server's secrets. People sign in again and keep their
 * places, strikes and numbers. Threads: one; beside a live server on the old directory. */
#pragma once

#include "base/progress.h"
#include "run/node.h"

/* Ends the ceremony here and writes the bundle into `out`, a new or empty directory. `address`: the
 * new server's, as `convoke init` printed it there. When the ceremony was handed over to that
 * server already, only the bundle is written (again). "ceremony.turn_live" while a lease lives. */
bool ceremony_hand_over(Ceremony *c, const char *address, const char *out, CvkProgress progress,
                        CvkErr *err) MUST_USE;

/* Takes the ceremony of a bundle into this directory, all or nothing. Everything is checked as a
 * stranger's: the journal is replayed, its root and the signature of the head compared, every
 * private part opened, every receipt's signer and every contribution's record and the newest
 * response matched with the journal. The mathematics of the transcript is `convoke verify
 * BUNDLE/public`. "handover.other": it was meant for another server. ret_name: the ceremony's. */
bool node_take_over(Node *n, const char *bundle, char ret_name[64], CvkErr *err) MUST_USE;
