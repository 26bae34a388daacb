/** Temporary files: each made by this run, beside the file that it is going to be.
 *
 *  A name is BASE.part-HOST-PID-SPACE-RANDOM: the file's own name, cut where it would get too long; the host; the
 *  process; the process numbers' space, which is this start of the host and this container; 16 random hexadecimal
 *  digits. Nothing that is there is ever opened in its place. None of these functions is collective. */
#pragma once

#include <stdbool.h>

enum { TEMPORARY_PATH = 4352 };

/** Make the temporary for a file. @param[out] temporary  [TEMPORARY_PATH] its name, "" after a failure
 *  @return the descriptor, open for reading and writing, to be closed with disk_close; -1 with errno */
int temporary_create(const char *path, char *temporary);

/** Give a temporary another temporary's name, to see whether files can be renamed here. @param[out] renamed  [TEMPORARY_PATH]
 *  @return whether it has that name now; errno otherwise */
bool temporary_rename(const char *temporary, char *renamed);

/** Give a temporary a name that temporary_remove_left_overs leaves alone. @param[out] kept  [TEMPORARY_PATH]
 *  @return whether it has that name now; otherwise kept is the old one */
bool temporary_keep(const char *temporary, char *kept);

/** Remove temporaries for a file that a process left over: regular files of this user, named as above in whole, empty or
 *  beginning as what wealthsim writes, and made in this space by a process that is gone. Those of other hosts, containers
 *  and of the time before the host's last start cannot be told from files in use, and stay. */
void temporary_remove_left_overs(const char *path);
