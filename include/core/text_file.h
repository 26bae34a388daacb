/** Text files that a user gives: opened without waiting for anybody, read by lines of any length. Not collective. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct text_file {
    FILE *file;
    char *line;     /**< the last line read, without its end; owned by the struct */
    size_t room;    /**< bytes that line has */
    int64_t number; /**< of that line, from 1 */
};

enum text_line {
    TEXT_LINE,   /**< line holds the next line */
    TEXT_END,    /**< there are no more */
    TEXT_FAILED, /**< reading failed: errno says why */
    TEXT_BINARY  /**< the line has a zero byte: the file is no text, or not one byte a letter (UTF-16) */
};

/** Open a file, or a pipe that somebody writes to within ten seconds. text_file_close is to follow in any case.
 *  @return NULL, or why not, in words: "Permission denied" */
const char *text_file_open(struct text_file *text, const char *path);

/** Read the next line. Its end (also Windows') and the mark at the beginning of a UTF-8 file are left out. */
enum text_line text_file_next(struct text_file *text);

void text_file_close(struct text_file *text);
