/* Records in a checkpoint. */
#include "files/h5.h"
#include "files/record_numbers.h"
#include "files/records.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char group_households[] = "group_households";

static hid_t type_of_side(int k)
{
    return record_sides[k].type == NUMBER_INT ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

/* Whether records keep such numbers, and what they are called. */
static bool is_saved(const struct statistic *statistic, enum record_kind kind,
    const struct recording *recording, int n_scenarios)
{
    return kind != DIFFERENCE && record_has(statistic, kind, recording, n_scenarios);
}

static const char *name_of(const struct statistic *statistic, enum record_kind kind, char name[RECORD_NAME])
{
    if (kind == VALUE || kind == ERROR)
        return kind == VALUE ? statistic->name : statistic->error_name;
    snprintf(name, RECORD_NAME, "%s_difference_error", statistic->name);
    return name;
}

/* values: room for the numbers. */
static void save_kind(hid_t group, enum record_kind kind, const struct records *records, double *values)
{
    const struct recording *recording = records->recording;
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        const int64_t width = record_length(statistic, recording);
        char name[RECORD_NAME];
        if (!is_saved(statistic, kind, recording, records->n_scenarios))
            continue;
        record_gather(statistic, kind, width, records, values);
        plain_write_values(group, name_of(statistic, kind, name), H5T_NATIVE_DOUBLE,
            model_summaries(records->model) * records->n_scenarios * records->n * width, values);
    }
}

enum status records_save(hid_t group, const struct records *records)
{
    const struct model *model = records->model;
    const int64_t n = records->n, n_all = records->n_scenarios * n;
    const size_t bytes = records_room_for(records->recording, model, n_all);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    if (values && periods) {
        for (int64_t i = 0; i < n; i++)
            periods[i] = records_at(records, 0, i)->period;
        plain_write_values(group, "period", H5T_NATIVE_INT64, n, periods);
        for (int kind = 0; kind < RECORD_KINDS; kind++)
            save_kind(group, (enum record_kind)kind, records, values);
        if (model->n_groups > 0) {
            record_gather_households(records, periods);
            plain_write_values(
                group, group_households, H5T_NATIVE_INT64, model_groups(model) * n_all, periods);
        }
        for (int k = 0; k < RECORD_SIDES && model->beyond; k++) {
            record_gather_side(k, records, values);
            plain_write_values(group, record_sides[k].name, type_of_side(k), n_all, values);
        }
    }
    const enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    free(periods);
    free(values);
    return status;
}

/* A number that means nothing is NaN. */
static bool restore_statistic(struct plain group, enum record_kind kind, const struct statistic *statistic,
    int64_t width, struct records *records, double *values)
{
    const int n_summaries = model_summaries(records->model);
    const int64_t numbers = records->n_scenarios * n_summaries * records->n * width;
    char room[RECORD_NAME];
    const char *name = name_of(statistic, kind, room);
    if (!plain_read_values(group, name, H5T_NATIVE_DOUBLE, numbers, values))
        return false;
    for (int64_t i = 0; i < numbers; i++)
        if (values[i] < 0 && (kind != VALUE || !statistic->is_signed))
            return plain_refuse(group, name, "0 or more in every record");
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int summary = 0; summary < n_summaries; summary++)
            for (int64_t i = 0; i < records->n; i++)
                for (int64_t j = 0; j < width; j++, values++) {
                    double *place = record_place(records, scenario, i, summary, kind, statistic, j);
                    if (place)
                        *place = *values;
                }
    return true;
}

static bool restore_kind(struct plain group, enum record_kind kind, struct records *records, double *values)
{
    const struct recording *recording = records->recording;
    for (int k = 0; k < STATISTICS; k++) {
        const struct statistic *statistic = &summary_statistics[k];
        if (is_saved(statistic, kind, recording, records->n_scenarios) &&
            !restore_statistic(group, kind, statistic, record_length(statistic, recording), records, values))
            return false;
    }
    return true;
}

static bool restore_side(struct plain group, int k, struct records *records, void *values)
{
    const int64_t n = records->n, n_all = records->n_scenarios * n;
    if (!plain_read_values(group, record_sides[k].name, type_of_side(k), n_all, values))
        return false;
    for (int64_t i = 0; i < n_all; i++) {
        const bool is_possible =
            record_sides[k].type == NUMBER_INT
                ? ((const int64_t *)values)[i] >= 0 && ((const int64_t *)values)[i] <= records->households
                : !isnan(((const double *)values)[i]);
        if (!is_possible)
            return plain_refuse(group, record_sides[k].name, "possible in every record");
        memcpy(record_side_in(records, (int)(i / n), i % n, k),
            (const char *)values + i * (int64_t)sizeof(double), sizeof(double));
    }
    return true;
}

static bool restore_households(struct plain group, struct records *records, int64_t *values)
{
    const int n_groups = model_groups(records->model), n_quantities = model_quantities(records->model);
    const int64_t n = records->n_scenarios * n_groups * records->n;
    if (!plain_read_values(group, group_households, H5T_NATIVE_INT64, n, values))
        return false;
    for (int64_t i = 0; i < n; i++)
        if (values[i] < 0 || values[i] > records->households)
            return plain_refuse(group, group_households, "possible in every record");
    for (int scenario = 0; scenario < records->n_scenarios; scenario++)
        for (int number = 0; number < n_groups; number++)
            for (int64_t i = 0; i < records->n; i++, values++)
                for (int quantity = 0; quantity < n_quantities; quantity++)
                    records_at(records, scenario, i)->summaries[number * n_quantities + quantity].n = *values;
    return true;
}

enum status records_restore(struct plain group, struct records *records, int64_t n)
{
    const struct model *model = records->model;
    const size_t bytes = records_room_for(records->recording, model, records->n_scenarios * n);
    double *values = malloc(bytes);
    int64_t *periods = malloc(bytes);
    enum status status = values && periods ? WS_OK : error_memory(bytes, "the records' variables");
    if (status == WS_OK && !plain_read_values(group, "period", H5T_NATIVE_INT64, n, periods))
        status = WS_FAILED;
    records->n = n;
    for (int64_t i = 0; i < records->n_scenarios * n && status == WS_OK; i++)
        records_prepare(records, (int)(i / n), i % n)->period = periods[i % n];
    if (status == WS_OK && model->n_groups > 0 && !restore_households(group, records, periods))
        status = WS_FAILED;
    for (int kind = 0; kind < RECORD_KINDS && status == WS_OK; kind++)
        if (!restore_kind(group, (enum record_kind)kind, records, values))
            status = WS_FAILED;
    for (int k = 0; k < RECORD_SIDES && model->beyond && status == WS_OK; k++)
        if (!restore_side(group, k, records, values))
            status = WS_FAILED;
    free(periods);
    free(values);
    return status;
}
