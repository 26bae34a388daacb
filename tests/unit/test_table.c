/* A table's texts: which forms of one there are, and what is refused, each with its words, rows and lines. */
#include "files/table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/wealthsim-table-XXXXXX";

static int make_file(void **state)
{
    const int descriptor = mkstemp(path);
    (void)state;
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_bytes(const char *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* The table as one text: names and cells between bars, a row on each line with the number of its line; faulty cells are ?. */
static const char *all_of(const struct table *table)
{
    static char text[4096];
    size_t used = 0;
    for (int row = -1; row < table->n_rows; row++) {
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%d:", row < 0 ? 0 : (int)table->lines[row]);
        for (int i = 0; i < table->n_columns; i++) {
            const char *cell = table_cell(table, row, i);
            used += (size_t)snprintf(text + used, sizeof text - used, "|%s", cell ? cell : "?");
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    return text;
}

/* What the file holds (NULL: no matter), and what is said of it: PATH stands for its name. */
static void check(enum status expected, const char *content, const char *message)
{
    struct table table;
    char said[8192];
    size_t used = 0;
    error_clear();
    assert_int_equal(table_read("scenarios", path, &table), expected);
    if (content)
        assert_string_equal(table.n_columns > 0 ? all_of(&table) : "", content);
    table_destroy(&table);
    for (const char *at = error_message(); *at; used++)
        if (strncmp(at, path, strlen(path)) == 0) {
            memcpy(said + used, "PATH", 4);
            used += 3;
            at += strlen(path);
        } else {
            said[used] = *at++;
        }
    said[used] = '\0';
    assert_string_equal(said, message);
}

static void check_text(const char *text, const char *content)
{
    write_bytes(text, strlen(text));
    check(WS_OK, content, "");
}

static void refuse_text(const char *text, const char *content, const char *message)
{
    write_bytes(text, strlen(text));
    check(WS_USAGE, content, message);
}

/* ---- text ----------------------------------------------------------------------------------------------------------- */

static void test_blanks(void **state)
{
    (void)state;
    check_text("s v1\n0.5 0.1\n", "0:|s|v1\n2:|0.5|0.1\n");
    check_text("  s\tv1\n\t0.5   0.1 \t", "0:|s|v1\n2:|0.5|0.1\n");
    check_text("# a table, of two\n\n  # more\n s v1 # and, more\n\n0.5 -#0.1\n - 1e-3#x\n",
        "0:|s|v1\n6:|0.5|-\n7:|-|1e-3\n");
    check_text("model\n\"a b.h5\"\n\"\"\"#\" # c\nc,d;e\n", "0:|model\n2:|a b.h5\n3:|\"#\n4:|c,d;e\n");
    check_text("s\n0.5", "0:|s\n2:|0.5\n");
}

static void test_commas(void **state)
{
    (void)state;
    check_text("s,v1\n0.5,0.1\n", "0:|s|v1\n2:|0.5|0.1\n");
    check_text(" s , \"model\" # x\n 0.5 ,a b.h5 # y\n-, \"a, \"\"b\"\" #.h5\" \n",
        "0:|s|model\n2:|0.5|a b.h5\n3:|-|a, \"b\" #.h5\n");
    check_text("\xef\xbb\xbfs,v1\r\n0.5,0.1\r\n\r\n", "0:|s|v1\n2:|0.5|0.1\n");
}

static void test_headers_refused(void **state)
{
    (void)state;
    refuse_text("", "", "--scenarios: 'PATH' is empty: its first line names the columns");
    refuse_text("# s\n \n", "", "--scenarios: 'PATH' is empty: its first line names the columns");
    refuse_text("s v1\n", "0:|s|v1\n", "--scenarios: 'PATH' has no rows: each is a case");
    refuse_text("\ns s v1 s\n1 2 3 4\n", "0:|s|s|v1|s\n3:|1|2|3|4\n",
        "PATH, header (line 2): column s is there twice"); /* which is said once */
    refuse_text(",s,,v1\n0,1,2,3\n", "0:|?|s|?|v1\n2:|0|1|2|3\n",
        "PATH, header (line 1): column 1 has no name: is it the rows' numbers? Write the table without them "
        "(pandas: index=False)\nPATH, header (line 1): column 3 has no name");
    refuse_text("s;v1\n0,5;1\n", "",
        "PATH, header (line 1): semicolons: columns are parted by commas or blanks, and decimals are written "
        "with a "
        "point");
    refuse_text("\"s\n1\n", "", "PATH, header (line 1): a quote has no end on this line");
}

static void test_rows_refused(void **state)
{
    (void)state;
    refuse_text("s,v1\n1\n\n1,2,3\n1,2\n 1, ,\n1,2,3\n", "0:|s|v1\n2:|?|?\n4:|?|?\n5:|1|2\n6:|?|?\n7:|?|?\n",
        "PATH, row 1 (line 2): 1 cell, and the header names 2 columns\n"
        "PATH, row 2 (line 4): 3 cells, and the header names 2 columns\n"
        "PATH, row 4 (line 6): 3 cells, and the header names 2 columns\n"
        "PATH, row 5 (line 7): 3 cells, and the header names 2 columns");
    refuse_text("s,v1\n1,\n\"\",2\n", "0:|s|v1\n2:|1|?\n3:|?|2\n",
        "PATH, row 1 (line 2): v1: the cell is empty: write - for the option's own value\n"
        "PATH, row 2 (line 3): s: the cell is empty: write - for the option's own value");
    refuse_text("s v1\n\"1 2\n\"1\"2 3\n", "0:|s|v1\n2:|?|?\n3:|?|?\n",
        "PATH, row 1 (line 2): a quote has no end on this line\n"
        "PATH, row 2 (line 3): behind a quoted cell there is more: a quote within quotes is doubled");
}

/* What pandas and R write with the rows' numbers is said once. */
static void test_numbered_rows(void **state)
{
    (void)state;
    refuse_text("s v1\n0 1 2\n1 1 2\n2 1 2\n", "0:|s|v1\n2:|?|?\n3:|?|?\n4:|?|?\n",
        "PATH, row 1 (line 2): 3 cells, and the header names 2 columns: is the first one the row's number? "
        "Write the "
        "table without (pandas: index=False)");
    refuse_text("s\n0 1\n1\n2 1\n", "0:|s\n2:|?\n3:|1\n4:|?\n",
        "PATH, row 1 (line 2): 2 cells, and the header names 1 column: is the first one the row's number? "
        "Write the "
        "table without (pandas: index=False)\n"
        "PATH, row 3 (line 4): 2 cells, and the header names 1 column");
}

static void test_sizes(void **state)
{
    static char text[3 * TABLE_CELL], expected[3 * TABLE_CELL];
    (void)state;
    sprintf(text, "s v1\n%0*d 1\n", TABLE_CELL - 1, 0);
    sprintf(expected, "0:|s|v1\n2:|%0*d|1\n", TABLE_CELL - 1, 0);
    write_bytes(text, strlen(text));
    check(WS_OK, NULL, "");
    sprintf(text, "s v1\n%0*d 1\n", TABLE_CELL, 0);
    refuse_text(text, "0:|s|v1\n2:|?|1\n", "PATH, row 1 (line 2): s: a text of more than 4095 bytes");
    text[0] = '\0';
    for (int i = 0; i < TABLE_COLUMNS + 1; i++)
        sprintf(text + strlen(text), "c%d ", i);
    refuse_text(text, "", "PATH, header (line 1): 65 columns: at most 64");
}

static void test_many_rows(void **state)
{
    FILE *file = fopen(path, "w");
    (void)state;
    assert_non_null(file);
    fputs("s\n", file);
    for (int i = 0; i < TABLE_ROWS; i++)
        fprintf(file, "%d\n", i);
    assert_int_equal(fclose(file), 0);
    struct table table;
    error_clear();
    assert_int_equal(table_read("scenarios", path, &table), WS_OK);
    assert_int_equal(table.n_rows, TABLE_ROWS);
    assert_string_equal(table_cell(&table, TABLE_ROWS - 1, 0), "999999");
    table_destroy(&table);
    file = fopen(path, "a");
    assert_true(file && fputs("1\n", file) >= 0 && fclose(file) == 0);
    check(WS_USAGE, NULL, "PATH, row 1000000 (line 1000001): there are more than 1,000,000 rows");
}

static void test_no_text(void **state)
{
    static const char binary[] = "s v1\n0.5\0 0.1\n", wide[] = "\xff\xfes\0\n\0";
    (void)state;
    write_bytes(binary, sizeof binary - 1);
    check(WS_USAGE, "0:|s|v1\n",
        "--scenarios: line 2 of 'PATH' is no text in ASCII or UTF-8, and the file is not HDF5's "
        "(netCDF-4's)");
    write_bytes(wide, sizeof wide - 1);
    check(WS_USAGE, "",
        "--scenarios: line 1 of 'PATH' is no text in ASCII or UTF-8, and the file is not HDF5's "
        "(netCDF-4's)");
}

/* ---- HDF5 ----------------------------------------------------------------------------------------------------------- */

static hid_t text_type(size_t bytes, H5T_str_t padding)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, bytes);
    H5Tset_strpad(type, padding);
    return type;
}

static hid_t write_dataset(
    hid_t file, const char *name, hid_t type, int rank, hsize_t n, hsize_t width, const void *values)
{
    const hsize_t extent[] = {n, width};
    const hid_t space = H5Screate_simple(rank, extent, NULL);
    const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(dataset >= 0 && H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    return dataset;
}

static void write_column(hid_t file, const char *name, hid_t type, hsize_t n, const void *values)
{
    H5Dclose(write_dataset(file, name, type, 1, n, 1, values));
}

static hid_t create_file(void)
{
    const hid_t plan = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_link_creation_order(plan, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, plan, H5P_DEFAULT);
    H5Pclose(plan);
    assert_true(file >= 0);
    return file;
}

static void test_datasets(void **state)
{
    const double s[] = {0.1, 2. / 3, 5e-324};
    const float single[] = {0.5F, 0.1F, 1e10F};
    const int whole[] = {-1, 2, 2147483647};
    const char *const texts[] = {"a b.h5", "-", " c "};
    const hid_t file = create_file(), fixed = text_type(4, H5T_STR_NULLPAD),
                spaces = text_type(4, H5T_STR_SPACEPAD), variable = text_type(H5T_VARIABLE, H5T_STR_NULLTERM);
    (void)state;
    write_column(file, "v1", H5T_NATIVE_DOUBLE, 3, s);
    write_column(file, "s", H5T_NATIVE_FLOAT, 3, single);
    write_column(file, "whole", H5T_NATIVE_INT, 3, whole);
    write_column(file, "fixed", fixed, 3, "abcdab\0\0a\0b\0");
    write_column(file, "spaces", spaces, 3, "abcdab  a   ");
    write_column(file, "variable", variable, 3, texts);
    H5Dclose(write_dataset(file, "letters", H5T_C_S1, 2, 3, 2, "ab-\0cd"));
    H5Fclose(file);
    H5Tclose(fixed);
    H5Tclose(spaces);
    H5Tclose(variable);
    check(WS_OK,
        "0:|v1|s|whole|fixed|spaces|variable|letters\n"
        "0:|0.1|0.5|-1|abcd|abcd|a b.h5|ab\n"
        "0:|0.6666666666666666|0.10000000149011612|2|ab|ab|-|-\n"
        "0:|4.94065645841247e-324|10000000000|2147483647|a|a|c|cd\n",
        "");
}

/* Dimensions as netCDF writes them: without values, and with the rows' numbers. */
static void test_dimensions(void **state)
{
    const double values[] = {1, 2};
    const int64_t numbers[] = {0, 1};
    const hid_t file = create_file();
    struct table table;
    (void)state;
    hid_t dataset = write_dataset(file, "bare", H5T_NATIVE_FLOAT, 1, 2, 1, (const float[]){0, 0});
    H5DSset_scale(dataset, "This is a netCDF dimension but not a netCDF variable.         2");
    H5Dclose(dataset);
    dataset = write_dataset(file, "index", H5T_NATIVE_INT64, 1, 2, 1, numbers);
    H5DSset_scale(dataset, "index");
    H5Dclose(dataset);
    dataset = write_dataset(file, "s", H5T_NATIVE_DOUBLE, 1, 2, 1, values);
    H5DSset_scale(dataset, "s");
    H5Dclose(dataset);
    H5Fclose(file);
    check(WS_OK, "0:|index|s\n0:|0|1\n0:|1|2\n", "");
    assert_int_equal(table_read("scenarios", path, &table), WS_OK);
    assert_true(table.is_index[0] && !table.is_index[1]);
    table_destroy(&table);
}

static void test_datasets_refused(void **state)
{
    const double values[] = {1, 2, 9, 4};
    const double missing = 9;
    const hid_t variable = text_type(H5T_VARIABLE, H5T_STR_NULLTERM), scalar = H5Screate(H5S_SCALAR);
    const char *const texts[] = {"a", "", "b"};
    hid_t file = create_file();
    (void)state;
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_soft("s", file, "link", H5P_DEFAULT, H5P_DEFAULT);
    const hid_t dataset = write_dataset(file, "s", H5T_NATIVE_DOUBLE, 1, 3, 1, values);
    const hid_t attribute =
        H5Acreate2(dataset, "_FillValue", H5T_NATIVE_DOUBLE, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_DOUBLE, &missing);
    H5Aclose(attribute);
    H5Dclose(dataset);
    H5Dclose(write_dataset(file, "square", H5T_NATIVE_DOUBLE, 2, 2, 2, values));
    write_column(file, "longer", H5T_NATIVE_DOUBLE, 4, values);
    write_column(file, "t", variable, 3, texts);
    H5Fclose(file);
    H5Sclose(scalar);
    H5Tclose(variable);
    check(WS_USAGE, "0:|s|t\n0:|1|a\n0:|2|?\n0:|?|b\n",
        "--scenarios: 'group' of 'PATH' is a group: columns are datasets at the top of the file\n"
        "--scenarios: 'link' of 'PATH' is a link, which is not followed: write the values themselves\n"
        "--scenarios: 'square' of 'PATH' is not one-dimensional, of numbers or texts: a column is a dataset "
        "of its own\n"
        "--scenarios: 'longer' of 'PATH' has another number of values than the first column\n"
        "PATH, row 3: s: missing (9: _FillValue or missing_value)\n"
        "PATH, row 2: t: the cell is empty: write - for the option's own value");
    file = create_file();
    H5Fclose(file);
    check(WS_USAGE, "", "--scenarios: 'PATH' has no datasets, which columns are");
    file = create_file();
    write_column(file, "s", H5T_NATIVE_DOUBLE, 0, values);
    H5Fclose(file);
    check(WS_USAGE, "0:|s\n", "--scenarios: 'PATH' has no rows: each is a case");
    write_bytes("\x89HDF\r\n\x1a\n and no more", 20);
    struct table table;
    error_clear();
    assert_int_equal(table_read("scenarios", path, &table), WS_USAGE);
    assert_non_null(strstr(error_message(), "is a damaged HDF5 file"));
    table_destroy(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blanks),
        cmocka_unit_test(test_commas),
        cmocka_unit_test(test_headers_refused),
        cmocka_unit_test(test_rows_refused),
        cmocka_unit_test(test_numbered_rows),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_no_text),
        cmocka_unit_test(test_datasets),
        cmocka_unit_test(test_dimensions),
        cmocka_unit_test(test_datasets_refused),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
