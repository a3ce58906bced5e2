#include "fhir/signals/signal_search.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/search/encoding.hpp"
#include "fhir/search/match.hpp"
#include "fhir/signals/signal_id.hpp"
#include "fhir/signals/signal_values.hpp"

namespace salus::fhir {
namespace {

using search::Clause, search::TypeQuery;

constexpr std::size_t kPatientsMax = 100;  // that a chain may lead to

// Of the names that a search may call them by, what a signal's Observation can have.
constexpr std::string_view kParameters[] = {"_id",
                                            "_tag",
                                            "_security",
                                            "category",
                                            "code",
                                            "code-value-quantity",
                                            "combo-code",
                                            "combo-code-value-quantity",
                                            "combo-value-quantity",
                                            "component-code",
                                            "component-code-value-quantity",
                                            "component-value-quantity",
                                            "data-absent-reason",
                                            "date",
                                            "device",
                                            "method",
                                            "patient",
                                            "status",
                                            "subject",
                                            "value-concept",
                                            "value-quantity",
                                            "code-value-concept"};

std::string_view name_of(std::string_view parameter) {
  return parameter.substr(0, parameter.find_first_of(":."));
}

// "Patient/1", "1", "http://x/Patient/1": the id, where the type fits.
std::optional<std::string> id_in(std::string_view reference, std::string_view type) {
  const std::size_t slash = reference.rfind('/');
  if (slash == std::string_view::npos) return std::string(reference);
  std::string_view before = reference.substr(0, slash);
  if (const std::size_t last = before.rfind('/'); last != std::string_view::npos) before.remove_prefix(last + 1);
  return before == type ? std::optional(std::string(reference.substr(slash + 1))) : std::nullopt;
}

// Wider than what is asked for, never narrower.
void narrow_by_date(SignalAsk& ask, std::string_view value) {
  const search::Prefix prefix = search::take_prefix(value);
  const auto interval = search::interval_of(value);
  if (!interval) return;
  constexpr std::int64_t us_max = SignalStretch::always_to / 1'000;
  const auto ns = [&](std::int64_t us) { return std::clamp(us, -us_max, us_max) * 1'000; };
  using enum search::Prefix;
  if (prefix == eq || prefix == gt || prefix == ge) ask.from_ns = std::max(ask.from_ns, ns(interval->start));
  if (prefix == sa) ask.from_ns = std::max(ask.from_ns, ns(interval->end));
  if (prefix == eq || prefix == le) ask.to_ns = std::min(ask.to_ns, ns(interval->end));
  if (prefix == lt || prefix == eb) ask.to_ns = std::min(ask.to_ns, ns(interval->start));
}

// Codes that a value of `code` may mean.
void add_codes(const SignalSource& source, std::string_view value, std::vector<std::uint32_t>& out) {
  for (const std::string_view part : search::split(value, ',')) {
    const auto halves = search::split(part, '|');
    const std::string code = search::unescape(halves.back());
    for (const SignalCode& one : source.codes())
      if (one.loinc == code || one.alias == code || std::to_string(one.mdc) == code ||
          (code.empty() && halves.size() > 1))
        out.push_back(one.mdc);
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
}

}  // namespace

Result<SignalsWanted> signals_wanted(const Call& call, const search::Query& query,
                                     std::optional<std::string_view> said) {
  if (said && *said != "true" && *said != "false")
    return fail(ErrorCode::invalid, "Parameter '_signals': it is true or false.");
  SignalsWanted wanted{.wanted = said == "true", .explicitly = said == "true"};
  const bool able =
      call.context.signals != nullptr && observations_of(query) != nullptr && !call.request.query("_asOf");
  if (wanted.explicitly && !able)
    return fail(ErrorCode::invalid, "Signals are found by searches of Observation, as they are now (without _asOf).");
  if (!able || said || call.type_name != "Observation") return wanted;
  wanted.wanted = std::ranges::any_of(query.used, [](const auto& used) {
    const std::string_view name = name_of(used.first);
    return name == "code" || name == "combo-code" || (name == "_id" && used.second.find("signal") != std::string::npos);
  });
  return wanted;
}

asio::awaitable<Result<void>> SignalSearch::open(Order order) {
  auto ask = narrowed();
  if (!ask) co_return fail(ask.error());
  if (!*ask) co_return Result<void>{};
  (*ask)->descending = order.descending;
  (*ask)->after = std::move(order.after);
  (*ask)->from_ns = std::max((*ask)->from_ns, order.from_ns);
  (*ask)->to_ns = std::min((*ask)->to_ns, order.until_ns);
  if (order.code) (*ask)->codes = {*order.code};
  if ((*ask)->from_ns >= (*ask)->to_ns) co_return Result<void>{};
  auto reader = co_await call_.context.signals->open(std::move(**ask));
  if (!reader) co_return fail(reader.error());
  reader_ = std::move(*reader);
  co_return Result<void>{};
}

// What of all signals may be found; nothing when none can be.
Result<std::optional<SignalAsk>> SignalSearch::narrowed() {
  const Definitions& d = call_.definitions();
  const SignalSource& source = *call_.context.signals;
  const TypeQuery& of = *observations_of(query_);
  if (!std::ranges::all_of(of.clauses, [&](const Clause& clause) { return can_be_met(clause); })) return std::nullopt;
  SignalAsk ask{.cell_ns = call_.context.signal_ns};
  std::optional<std::vector<std::string>> patients, devices;  // ids in the record
  std::optional<std::vector<std::uint32_t>> codes;
  if (const std::string* owner = call_.compartment_owner()) {
    if (*owner != "Patient" && *owner != "Device") return std::nullopt;
    (*owner == "Patient" ? patients : devices) = {call_.request.param("id")};
  }
  for (const auto& [parameter, value] : query_.used) {
    const auto parts = search::split(value, ',');
    if (parameter == "patient" || parameter == "subject" || parameter == "subject:Patient" ||
        parameter == "patient:Patient") {
      if (patients) continue;
      patients.emplace();
      for (const std::string_view part : parts)
        if (auto id = id_in(search::unescape(part), "Patient")) patients->push_back(std::move(*id));
    } else if ((parameter == "patient:identifier" || parameter == "subject:identifier") && ask.patients.empty()) {
      for (const std::string_view part : parts)
        ask.patients.push_back(search::unescape(search::split(part, '|').back()));
      if (std::ranges::none_of(ask.patients, [&](const std::string& name) { return source.may_know_patient(name); }))
        return std::nullopt;
    } else if (parameter == "device" || parameter == "device:Device") {
      if (devices) continue;
      devices.emplace();
      for (const std::string_view part : parts)
        if (auto id = id_in(search::unescape(part), "Device")) devices->push_back(std::move(*id));
    } else if (parameter == "device:identifier" && ask.devices.empty()) {
      for (const std::string_view part : parts)
        ask.devices.push_back(search::unescape(search::split(part, '|').back()));
    } else if (parameter == "code" || parameter == "combo-code") {
      if (codes) continue;
      codes.emplace();
      add_codes(source, value, *codes);
    } else if (parameter == "date" && parts.size() == 1) {
      narrow_by_date(ask, value);
    } else if (parameter == "_id") {
      for (const std::string_view part : parts)
        if (const auto name = signal_name(part); name && !name->is_digest) {
          ask.devices.push_back(name->device);
          ask.cell_ns = name->cell_ns;
        }
      if (ask.devices.empty()) return std::nullopt;
    }
  }
  // By what the patient is: patient.name=…, subject:Patient.identifier=….
  for (const Clause& clause : of.clauses) {
    if (patients || clause.kind != Clause::Kind::chain || clause.negated) continue;
    for (const std::string_view code : {"patient", "subject"}) {
      const search::Parameter* parameter = search::Parameters::r4().find(of.type, code);
      if (parameter == nullptr || clause.list != parameter->list()) continue;
      const auto inner = std::ranges::find(*clause.inner, d.type("Patient"), &TypeQuery::type);
      search::Query asked;
      if (inner != clause.inner->end()) asked.types = {*inner};
      const auto found = search::match_up_to(asked, source_, kPatientsMax + 1);
      if (!found) return fail(found.error());
      if (found->size() > kPatientsMax) continue;
      patients.emplace();
      for (const search::Match& match : *found)
        if (const auto entry = source_.catalog.entry(match.number)) patients->push_back(entry->id);
    }
  }
  const auto add_names = [&](const std::vector<std::string>& ids, std::string_view type,
                             std::vector<std::string>& out) -> Result<void> {
    for (const std::string& id : ids) {
      auto names = names_.names_of(d.type(type), id);
      if (!names) return fail(names.error());
      out.insert(out.end(), names->begin(), names->end());
    }
    return {};
  };
  if (patients)
    if (auto done = add_names(*patients, "Patient", ask.patients); !done) return fail(done.error());
  if (devices)
    if (auto done = add_names(*devices, "Device", ask.devices); !done) return fail(done.error());
  if ((patients && ask.patients.empty()) || (devices && ask.devices.empty()) || (codes && codes->empty()))
    return std::nullopt;
  ask.anyone = ask.patients.empty() && ask.devices.empty();
  if (codes) ask.codes = std::move(*codes);
  return ask;
}

bool SignalSearch::can_be_met(const Clause& clause) const {
  if (clause.negated || clause.kind != Clause::Kind::match) return true;
  const search::Parameters& known = search::Parameters::r4();
  return std::ranges::any_of(clause.scans, [&](const search::Scan& scan) {
    return std::ranges::any_of(kParameters, [&](std::string_view code) {
      const search::Parameter* parameter = known.find(observations_of(query_)->type, code);
      return parameter != nullptr && static_cast<unsigned>(scan.list) / 8 == parameter->number;
    });
  });
}

Result<std::optional<FoundSignal>> SignalSearch::next() {
  while (reader_ != nullptr && looked_ < looked_max) {
    auto cell = reader_->next();
    if (!cell) return fail(cell.error());
    if (!*cell) return std::nullopt;
    ++looked_;
    reached_ = place_of(**cell);
    auto found = found_of(**cell);
    if (!found) return fail(found.error());
    const auto met = clauses_.meet(*found);
    if (!met) return fail(met.error());
    if (*met) return std::optional(std::move(*found));
  }
  return std::nullopt;
}

Result<bool> SignalSearch::meets(const SignalCell& cell) {
  const auto found = found_of(cell);
  if (!found) return fail(found.error());
  return clauses_.meet(*found);
}

std::vector<std::shared_ptr<const SignalStretch>> SignalSearch::stretches() const {
  return reader_ == nullptr ? std::vector<std::shared_ptr<const SignalStretch>>{} : reader_->stretches();
}

Result<FoundSignal> SignalSearch::found_of(const SignalCell& cell) {
  const SignalCode* code = call_.context.signals->find(cell.stretch->mdc);
  if (code == nullptr) return fail(ErrorCode::damaged, "A series has a code that nobody knows.");
  const auto references = names_.references(*cell.stretch);
  if (!references) return fail(references.error());
  FoundSignal found{.id = signal_id(cell),
                    .json = observation_of(cell, *code, *references, call_.context.clock.now()),
                    .place = place_of(cell),
                    .values = {}};
  auto values = signal_values(found.json);
  if (!values) return fail(values.error());
  found.values = std::move(*values);
  return found;
}

Result<std::uint64_t> SignalSearch::count() {
  std::uint64_t count = 0;
  for (;;) {
    const auto found = next();
    if (!found) return fail(found.error());
    if (!*found) break;
    ++count;
  }
  if (is_cut_short())
    return fail(ErrorCode::too_large,
                "To count these, more than {} signals would have to be looked at; narrow the search by date, or say "
                "_signals=false.",
                looked_max);
  return count;
}

}  // namespace salus::fhir
