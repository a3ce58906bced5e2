#include "fhir/search/matcher.hpp"

#include "fhir/search/evaluation.hpp"

namespace salus::fhir::search {

struct Matcher::State {
  State(const Source& source, ResourceNumber number, std::uint64_t steps_max)
      : steps(steps_max), evaluation(source, steps), row(evaluation, number) {}
  Steps steps;
  Evaluation evaluation;
  Evaluation::Row row;
};

Matcher::Matcher(const Source& source, ResourceNumber number, std::uint64_t steps_max)
    : source_(source), number_(number), steps_max_(steps_max) {
  begin();
}

Matcher::~Matcher() = default;

void Matcher::begin() {
  state_ = std::make_unique<State>(source_, number_, steps_max_);
}

Result<bool> Matcher::meets(const TypeQuery& query) {
  const std::uint64_t before = state_->steps.used();
  const bool met = state_->evaluation.meets_all(query, state_->row);
  if (state_->steps.left() > 0) return met;
  // What others used is none of this query's matter: it gets all of them once more.
  begin();
  if (before == 0) return fail(ErrorCode::too_large, "To try it on one resource takes more than {} rows.", steps_max_);
  const bool again = state_->evaluation.meets_all(query, state_->row);
  if (state_->steps.left() > 0) return again;
  begin();
  return fail(ErrorCode::too_large, "To try it on one resource takes more than {} rows.", steps_max_);
}

}  // namespace salus::fhir::search
