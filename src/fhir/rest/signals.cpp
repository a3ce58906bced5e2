#include "fhir/rest/signals.hpp"

#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/signals/signal_id.hpp"
#include "fhir/signals/ward_names.hpp"

namespace salus::fhir {
namespace {

using http::Response;

struct Signal {
  SignalCell cell;
  std::string json;
};

// Nothing where there is no sample.
asio::awaitable<Result<std::optional<Signal>>> signal_of(const Call& call) {
  auto name = signal_name(call.request.param("id"));
  auto cell = co_await call.context.signals->cell(std::move(*name));
  if (!cell) co_return fail(cell.error());
  if (!*cell) co_return std::nullopt;
  const StoreCut cut = call.context.store.cut();
  const SearchableCut searchable{cut.record, true};
  const search::Source source = searchable.source();
  WardNames names{call.context, cut.record, source};
  const auto references = names.references(*(*cell)->stretch);
  if (!references) co_return fail(references.error());
  const SignalCode* code = call.context.signals->find((*cell)->stretch->mdc);
  if (code == nullptr) co_return std::nullopt;
  std::string json = observation_of(**cell, *code, *references, call.context.clock.now());
  co_return Signal{std::move(**cell), std::move(json)};
}

Response nothing(const Call& call) {
  return outcome(404, "not-found",
                 fmt::format("There is no Observation/{}: no sample is stored there.", call.request.param("id")));
}

std::string tag_of(const Signal& signal) {
  return fmt::format("W/\"{}\"", version_of(signal.cell));
}

}  // namespace

bool is_signal(const Call& call, std::string_view id) {
  return call.context.signals != nullptr && call.type_name == "Observation" && signal_name(id).has_value();
}

asio::awaitable<Response> read_signal(Call call) {
  if (call.request.query("_asOf"))
    co_return outcome(400, "not-supported", "Signals are read as they are now, without _asOf.");
  const auto signal = co_await signal_of(call);
  if (!signal) co_return outcome(signal.error());
  if (!*signal) co_return nothing(call);
  if (const std::string* version = call.find_param("version");
      version != nullptr && *version != version_of((*signal)->cell))
    co_return outcome(404, "not-found",
                      fmt::format("Observation/{} is at version {}; of a signal the present version alone can be read.",
                                  call.request.param("id"), version_of((*signal)->cell)));
  Response response;
  if (call.request.header("if-none-match") == tag_of(**signal)) {
    response = http::empty_response(304);
  } else {
    call.form.returns.reset();
    response = resource_response(200, (*signal)->json, call.form, call.definitions());
  }
  response.set("ETag", tag_of(**signal));
  co_return response;
}

asio::awaitable<Response> signal_history(Call call) {
  const auto signal = co_await signal_of(call);
  if (!signal) co_return outcome(signal.error());
  if (!*signal) co_return nothing(call);
  const std::string url = fmt::format("Observation/{}", call.request.param("id"));
  BundleText text{"history"};
  text.total(1);
  text.link("self", fmt::format("{}/{}/_history", call.base, url));
  text.entry(fmt::format(R"({},"resource":{},"request":{{"method":"PUT",{}}},"response":{{"status":"200 OK",{}}})",
                         member("fullUrl", fmt::format("{}/{}", call.base, url)), (*signal)->json, member("url", url),
                         member("etag", tag_of(**signal))));
  co_return resource_response(200, text.finish(), call.form, call.definitions());
}

Response refuse_signal(std::string_view id) {
  Response response =
      outcome(405, "not-supported",
              fmt::format("Observation/{} is read from a device's samples; nobody writes it. Whose they are is "
                          "corrected at the device's bindings.",
                          id));
  response.set("Allow", "GET");
  return response;
}

}  // namespace salus::fhir
