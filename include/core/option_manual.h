/** The manual page, as man reads it: commands and options from their tables, the rest from whoever knows it. */
#pragma once

#include "core/options.h"

/** A term and what it means; a list ends with a term of NULL. */
struct manual_item {
    const char *term, *text;
};

/** A section: paragraphs, then items. All texts are plain; option names among their words are set in bold. */
struct manual_section {
    const char *title;
    const char *const *paragraphs;   /**< up to NULL; or NULL for none */
    const struct manual_item *items; /**< or NULL */
};

struct manual {
    const char *summary;                 /**< behind the program's name, in the section NAME */
    const struct manual_section *before; /**< sections before the commands, up to a title of NULL */
    const struct manual_section *behind; /**< and behind them */
};

/** Print the page on standard output. An option of several commands is described at the first that has it, those of all
 *  commands in a section of their own. Not collective.
 *  @param[in] commands  [n], the first is the default
 *  @return WS_OK, or WS_FAILED without memory (error_memory) */
enum status option_manual_print(
    const struct option_command *const *commands, int n, const struct manual *manual);
