/** The checks, by what they look at. Each is one of struct check's functions; where it is to be broken, it changes one bit,
 *  number or block of what it looks at. */
#pragma once

#include "verify/verification.h"

/* random.c */
bool check_known_streams(struct verification *verification);
bool check_bulk_streams(struct verification *verification);

/* arithmetic.c */
bool check_floating_point(struct verification *verification);
bool check_shocks(struct verification *verification);
bool check_vector_levels(struct verification *verification);
bool check_exact_sums(struct verification *verification);
bool check_order_statistics(struct verification *verification);

/* simulation.c */
bool check_published(struct verification *verification);
bool check_layout(struct verification *verification);
bool check_moments(struct verification *verification);
bool check_quantiles(struct verification *verification);

/* messages.c */
bool check_messages(struct verification *verification);

/* storage.c */
bool check_result_file(struct verification *verification);
bool check_checkpoint(struct verification *verification);

/* model_file.c */
bool check_model_file(struct verification *verification);

/* lecture.c */
bool check_pi(struct verification *verification);
bool check_gridmax(struct verification *verification);
bool check_eigenvalues(struct verification *verification);
