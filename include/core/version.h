/** What this build is made of, as text for --version and for the result file. */
#pragma once

/** wealthsim's version, from git, and the day of its last change, "2026-11-27", or "" where that is not known; the compiler
 *  and its flags. */
const char *version_wealthsim(void);
const char *version_date(void);
const char *version_compiler(void);
const char *version_compiler_flags(void);

/** The libraries in use at run time: "Open MPI v4.1.4", "1.10.8". Needs no MPI_Init. */
const char *version_mpi(void);
const char *version_hdf5(void);
const char *version_gmp(void);

/** The version of SPRNG that random/sprng.c is written for, "2.0a": the library does not tell its own. Or "not linked …". */
const char *version_sprng(void);
