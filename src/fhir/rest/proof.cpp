// $proof: what links a version to the newest head of the log (docs/formats/proof.md).
#include "fhir/records/version_proof.hpp"
#include "fhir/rest/arguments.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/signals.hpp"

namespace salus::fhir {
namespace {

using http::Response;

Response proof_response(Call& call, const json::object& proof) {
  ParametersText said;
  said.truth("complete", bool_or(proof, "complete"));
  said.text("proof", "Base64Binary", to_base64(json_text(proof)));
  call.form.summary = Summary::none;
  call.form.elements.clear();
  return resource_response(200, said.finish(), call.form, call.definitions());
}

}  // namespace

asio::awaitable<Response> prove_version(Call call) {
  const auto arguments = Arguments::of(call, {"from"});
  if (!arguments) co_return arguments.error();
  const std::string& id = call.request.param("id");
  if (is_signal(call, id))
    co_return outcome(400, "not-supported", "A signal is read from samples; no entry of the record holds it.");
  const StoreCut cut = call.context.store.cut();
  std::optional<Version> version;
  if (const std::string* number = call.find_param("version")) {
    if (const auto wanted = version_of_tag(*number)) version = cut.record.version(call.type, id, *wanted);
  } else {
    version = cut.record.newest(call.type, id);
  }
  if (!version)
    co_return outcome(404, "not-found", fmt::format("There is no such version of {}/{}.", call.type_name, id));
  const auto from = arguments->number("from");
  if (!from) co_return outcome(from.error());
  const auto proof =
      *from ? call.context.store.prove_further(*version, log::Offset{**from}) : call.context.store.prove(*version);
  record(call, "fhir_proof", fmt::format("{}/{}", call.type_name, id), proof.has_value());
  if (!proof) co_return outcome(proof.error());
  co_return proof_response(call, *proof);
}

}  // namespace salus::fhir
