// Composition/$document: the Composition with all that it refers to, and what that refers to, as one Bundle
// (https://hl7.org/fhir/R4/composition-operation-document.html).
#include <deque>
#include <set>

#include "fhir/document/json.hpp"
#include "fhir/records/body.hpp"
#include "fhir/rest/arguments.hpp"
#include "fhir/rest/bundle_text.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/local_reference.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/signals.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kResourcesMax = 2'000;  // of one document
constexpr std::size_t kDocumentBytesMax = 48 << 20;

class Gathering {
 public:
  Gathering(const Call& call, const RecordCut& record) : call_(call), record_(record) {}

  // What the resource refers to, breadth first, each resource once. Errors: too_large; not_found: the Composition
  // itself refers to what is not here.
  asio::awaitable<Result<void>> run(const Document& composition) {
    look_at(composition, true);
    while (!waiting_.empty()) {
      const Wanted wanted = std::move(waiting_.front());
      waiting_.pop_front();
      const auto text = co_await text_of(wanted.reference);
      if (!text) co_return fail(text.error());
      if (text->empty()) {
        if (!wanted.is_direct) continue;
        co_return fail(ErrorCode::not_found, "The Composition refers to {}, which is not here.", wanted.path);
      }
      if ((bytes_ += text->size()) > kDocumentBytesMax || entries_.size() >= kResourcesMax)
        co_return fail(ErrorCode::too_large, "The document would have more than {} resources or {} MiB.", kResourcesMax,
                       kDocumentBytesMax >> 20);
      const auto document = read_json(*text, call_.definitions());
      if (!document) co_return fail(document.error().error());
      entries_.emplace_back(wanted.path, *text);
      look_at(*document, false);
    }
    co_return Result<void>{};
  }
  // "Patient/1" and the resource.
  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }
  void leave_out(std::string path) { seen_.insert(std::move(path)); }

 private:
  struct Wanted {
    LocalReference reference;
    std::string path;
    bool is_direct = false;
  };

  void look_at(const Document& document, bool is_direct) {
    const Definitions::Known& known = call_.definitions().known();
    for (std::uint32_t i = 0; i < document.size(); ++i) {
      const Node& node = document.node(i);
      if (node.type != known.reference) continue;
      auto reference =
          local_reference_of(call_.definitions(), call_.base, document.text_of(node, known.reference_name));
      if (!reference) continue;
      std::string path = fmt::format("{}/{}", call_.definitions().name(reference->type), reference->id);
      if (seen_.insert(path).second) waiting_.push_back({std::move(*reference), std::move(path), is_direct});
    }
  }

  // Empty when it is not here.
  asio::awaitable<Result<std::string>> text_of(const LocalReference& reference) {
    http::Request request = call_.request;
    request.queries.clear();
    request.headers.clear();
    request.params = {{"type", std::string(call_.definitions().name(reference.type))}, {"id", reference.id}};
    Call one{.context = call_.context,
             .request = request,
             .form = {},
             .type = reference.type,
             .type_name = request.params[0].second,
             .base = call_.base};
    if (is_signal(one, reference.id)) {
      const Response answered = co_await read_signal(one);
      co_return answered.status == 200 ? std::get<std::string>(answered.body) : std::string{};
    }
    const auto version = reference.version ? record_.version(reference.type, reference.id, *reference.version)
                                           : record_.newest(reference.type, reference.id);
    if (!version || version->is_removed()) co_return std::string{};
    co_return call_.context.store.text(*version);
  }

  const Call& call_;
  const RecordCut& record_;
  std::set<std::string> seen_;
  std::deque<Wanted> waiting_;
  std::vector<std::pair<std::string, std::string>> entries_;
  std::size_t bytes_ = 0;
};

std::string entry_of(const Call& call, std::string_view path, std::string_view json) {
  return fmt::format(R"({},"resource":{})", member("fullUrl", fmt::format("{}/{}", call.base, path)), json);
}

// The id that the path or the parameter `id` names: an id, or a URL that ends in one.
std::string id_asked(const Call& call, const Arguments& arguments) {
  if (const std::string* id = call.find_param("id")) return *id;
  const std::string said = arguments.text("id");
  const auto reference = local_reference_of(call.definitions(), call.base, said);
  return reference && call.definitions().name(reference->type) == "Composition" ? reference->id : said;
}

}  // namespace

asio::awaitable<Response> composition_document(Call call) {
  call.type_name = "Composition";
  call.type = call.definitions().type(call.type_name);
  const auto arguments = Arguments::of(call, {"id", "persist", "graph"});
  if (!arguments) co_return arguments.error();
  if (!arguments->text("graph").empty())
    co_return outcome(
        400, "not-supported",
        "$document knows no `graph`: it gathers all that the Composition refers to, and what that refers to.");
  const std::string persist = arguments->text("persist");
  if (!persist.empty() && persist != "true" && persist != "false")
    co_return outcome(400, "value", "`persist` is true or false.");
  const bool persists = persist == "true";
  if (persists && call.request.method != http::Method::post)
    co_return outcome(400, "not-supported", "A document is stored by POST; GET changes nothing.");
  const std::string id = id_asked(call, *arguments);
  if (id.empty()) co_return outcome(400, "required", "$document needs the Composition: in the path, or as `id`.");
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const auto version = cut->record.newest(call.type, id);
  if (!version) co_return outcome(404, "not-found", "There is no such Composition.");
  if (version->is_removed()) co_return gone_response(call, *version);
  const auto text = call.context.store.text(*version);
  if (!text) co_return outcome(text.error());
  const auto composition = read_json(*text, call.definitions());
  if (!composition) co_return outcome(composition.error());

  const std::string path = fmt::format("Composition/{}", id);
  Gathering gathering{call, cut->record};
  gathering.leave_out(path);
  if (const auto done = co_await gathering.run(*composition); !done) {
    if (done.error().code == ErrorCode::not_found) co_return outcome(422, "not-found", done.error().message);
    if (done.error().code == ErrorCode::too_large) co_return outcome(413, "too-costly", done.error().message);
    co_return outcome(done.error());
  }
  std::string bundle =
      fmt::format(R"({{"resourceType":"Bundle","identifier":{{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{}"}},)"
                  R"("type":"document","timestamp":"{}","entry":[{{{}}})",
                  call.context.new_id(), instant_of(call.context.clock.now()), entry_of(call, path, *text));
  for (const auto& [its_path, json] : gathering.entries())
    bundle += fmt::format(",{{{}}}", entry_of(call, its_path, json));
  bundle += "]}";
  record(call, "fhir_document", path, true);
  call.form.summary = Summary::none;
  call.form.elements.clear();
  if (!persists) co_return resource_response(200, std::move(bundle), call.form, call.definitions());
  const auto document = read_json(bundle, call.definitions());
  if (!document) co_return outcome(document.error());
  if (auto refused = refusal_of(call, *document)) co_return std::move(*refused);
  Change change{.operation = Operation::create,
                .type = "Bundle",
                .id = call.context.new_id(),
                .body = make_body(*document, document->root())};
  call.type_name = "Bundle";
  call.type = call.definitions().known().bundle;
  co_return co_await write(std::move(call), std::move(change), "fhir_create");
}

}  // namespace salus::fhir
