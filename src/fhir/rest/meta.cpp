// $meta: the profiles, tags and security labels of a resource, of a type, of everything
// (https://hl7.org/fhir/R4/resource-operation-meta.html).
#include <algorithm>
#include <set>

#include "fhir/document/json.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/records/body.hpp"
#include "fhir/records/record_catalog.hpp"
#include "fhir/rest/arguments.hpp"
#include "fhir/rest/call.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/signals.hpp"
#include "fhir/search/candidates.hpp"
#include "fhir/search/encoding.hpp"

namespace salus::fhir {
namespace {

using http::Response;

constexpr std::size_t kLabelsMax = 10'000;     // of one kind, in one answer
constexpr std::uint64_t kRowsMax = 1'000'000;  // of the index that are looked at
constexpr std::string_view kKinds[] = {"profile", "security", "tag"};

Response meta_response(Call& call, std::string_view json) {
  call.form.summary = Summary::none;
  call.form.elements.clear();
  ParametersText said;
  said.add("return", "Meta", json);
  return resource_response(200, said.finish(), call.form, call.definitions());
}

std::string meta_of(const Document& document) {
  std::string json;
  if (const Node* meta = document.child(document.root(), "meta")) write_json(document, *meta, {}, json);
  return json.empty() ? "{}" : json;
}

// What the parameter _profile, _tag or _security of `type` stands under, each value once. Errors: too_large.
Result<void> add_labels(const search::Source& source, TypeId type, std::string_view kind, search::Steps& steps,
                        std::set<std::string>& out) {
  const search::Parameter* parameter = search::Parameters::r4().find(type, "_" + std::string(kind));
  if (parameter == nullptr) return {};
  search::Range range{parameter->list(), type};
  for (;;) {
    std::optional<std::string> value;
    steps.spend(search::walk(source.table, range, source.cut, steps.left(), [&](ByteView at, search::ResourceNumber) {
      value = at;
      return false;
    }));
    if (steps.left() == 0) return steps.refuse();
    if (!value) return {};
    out.insert(*value);
    if (out.size() > kLabelsMax)
      return fail(ErrorCode::too_large, "There are more than {} different values of meta.{}.", kLabelsMax, kind);
    range.from = view::after_prefix(*value);
  }
}

// A profile as its canonical, anything else as a Coding.
std::string label_json(std::string_view kind, ByteView value) {
  const std::string first(search::take_text(value)), second(search::take_text(value));
  std::string json;
  if (kind == "profile") {
    write_json_string(first + second, json);
    return json;
  }
  json = "{";
  const auto add = [&](std::string_view name, const std::string& text) {
    if (text.empty()) return;
    json += fmt::format("{}\"{}\":", json.size() > 1 ? "," : "", name);
    write_json_string(text, json);
  };
  add("system", second);
  add("code", first);
  return json + '}';
}

// Of the version that the path names, or of the newest. A response that says why there is none.
tl::expected<Version, Response> version_asked(const Call& call, const RecordCut& record) {
  const std::string& id = call.request.param("id");
  std::optional<Version> version;
  if (const std::string* number = call.find_param("version")) {
    if (const auto wanted = version_of_tag(*number)) version = record.version(call.type, id, *wanted);
    if (!version)
      return tl::make_unexpected(
          outcome(404, "not-found", fmt::format("There is no version '{}' of {}/{}.", *number, call.type_name, id)));
  } else {
    version = record.newest(call.type, id);
    if (!version)
      return tl::make_unexpected(outcome(404, "not-found", fmt::format("There is no {}/{}.", call.type_name, id)));
  }
  if (version->is_removed()) return tl::make_unexpected(gone_response(call, *version));
  return std::move(*version);
}

// Two are the same label when a reader takes them for the same: profiles by their canonical, codings by system and
// code.
std::string key_of(const Document& document, const Node& label) {
  if (label.has_value()) return std::string(document.text(label));
  const Node *system = document.child(label, "system"), *code = document.child(label, "code");
  return fmt::format("{}|{}", system == nullptr ? std::string_view{} : document.text(*system),
                     code == nullptr ? std::string_view{} : document.text(*code));
}

std::vector<const Node*> labels_of(const Document& document, const Node* meta, std::string_view kind) {
  std::vector<const Node*> out;
  if (meta == nullptr) return out;
  for (const Node& child : document.children(*meta))
    if (document.name(child) == kind) out.push_back(&child);
  return out;
}

class JsonPatch {
 public:
  void add(std::string_view path, std::string_view value) {
    text_ += fmt::format(R"({}{{"op":"add","path":"{}","value":{}}})", text_.empty() ? "" : ",", path, value);
  }
  void remove(std::string_view path) {
    text_ += fmt::format(R"({}{{"op":"remove","path":"{}"}})", text_.empty() ? "" : ",", path);
  }
  bool empty() const { return text_.empty(); }
  std::string text() const { return '[' + text_ + ']'; }

 private:
  std::string text_;
};

// The JSON Patch that makes `resource` have, or lack, the labels of `given`; empty where it is so already.
using Difference = JsonPatch (*)(const Document& resource, const Document& body, const Node& given);

JsonPatch addition(const Document& resource, const Document& body, const Node& given) {
  JsonPatch patch;
  const Node* meta = resource.child(resource.root(), "meta");
  for (const std::string_view kind : kKinds) {
    std::set<std::string> held;
    const auto present = labels_of(resource, meta, kind);
    for (const Node* label : present) held.insert(key_of(resource, *label));
    std::string fresh;
    for (const Node* label : labels_of(body, &given, kind)) {
      if (!held.insert(key_of(body, *label)).second) continue;
      std::string json;
      write_json(body, *label, {}, json);
      if (present.empty())
        fresh += (fresh.empty() ? "" : ",") + json;
      else
        patch.add(fmt::format("/meta/{}/-", kind), json);
    }
    if (!fresh.empty()) patch.add(fmt::format("/meta/{}", kind), '[' + fresh + ']');
  }
  return patch;
}

JsonPatch removal(const Document& resource, const Document& body, const Node& given) {
  JsonPatch patch;
  const Node* meta = resource.child(resource.root(), "meta");
  for (const std::string_view kind : kKinds) {
    std::set<std::string> unwanted;
    for (const Node* label : labels_of(body, &given, kind)) unwanted.insert(key_of(body, *label));
    const auto present = labels_of(resource, meta, kind);
    const bool has_extensions =
        std::ranges::any_of(present, [](const Node* label) { return label->has_value() && label->count > 0; });
    for (std::size_t i = present.size(); i-- > 0;) {
      if (!unwanted.contains(key_of(resource, *present[i]))) continue;
      patch.remove(fmt::format("/meta/{}/{}", kind, i));
      if (has_extensions) patch.remove(fmt::format("/meta/_{}/{}", kind, i));
    }
  }
  return patch;
}

// A version in the path must be the newest one, as with If-Match: what was is never changed.
std::optional<Response> not_newest(const Call& call, const Version& newest) {
  const std::string* number = call.find_param("version");
  if (number == nullptr || version_of_tag(*number) == newest.version) return std::nullopt;
  return outcome(409, "conflict",
                 fmt::format("{}/{} is at version {}, and earlier versions stay as they were; change the newest one.",
                             call.type_name, newest.id, log::number(newest.version)));
}

asio::awaitable<Response> change_meta(Call call, Difference difference) {
  constexpr int attempts = 8;  // others may write as fast as we do
  if (const std::string& id = call.request.param("id"); is_signal(call, id)) co_return refuse_signal(id);
  const auto arguments = Arguments::of(call, {"meta"});
  if (!arguments) co_return arguments.error();
  const Node* given = arguments->node("meta");
  if (given == nullptr || call.definitions().name(given->type) != "Meta")
    co_return outcome(400, "required", "This operation needs the parameter `meta`, a valueMeta.");
  const auto wanted = wanted_version(call);
  if (!wanted) co_return outcome(wanted.error());
  for (int attempt = 1;; ++attempt) {
    const StoreCut cut = call.context.store.cut();
    if (const auto asked = version_asked(call, cut.record); !asked) co_return asked.error();
    const auto newest = cut.record.newest(call.type, call.request.param("id"));
    if (!newest || newest->is_removed()) co_return gone_response(call, *newest);
    if (auto refused = not_newest(call, *newest)) co_return std::move(*refused);
    if (*wanted && **wanted != newest->version)
      co_return outcome(
          412, "conflict",
          fmt::format("{}/{} is at version {}.", call.type_name, newest->id, log::number(newest->version)));
    const auto before = call.context.store.document(*newest);
    if (!before) co_return outcome(before.error());
    const JsonPatch patch = difference(*before, arguments->body(), *given);
    if (patch.empty()) co_return meta_response(call, meta_of(*before));
    const auto after = patch::apply(*before, patch::Format::json, patch.text());
    if (!after) co_return outcome(after.error());
    if (auto refused = refusal_of(call, *after)) co_return std::move(*refused);
    ChangeSet set{.by = call.by(), .changes = {}};
    set.changes.push_back({.operation = Operation::update,
                           .type = call.type_name,
                           .id = newest->id,
                           .if_version = newest->version,
                           .body = make_body(*after, after->root())});
    const auto written = co_await call.context.store.submit(std::move(set));
    const bool is_overtaken = !written && written.error().code == ErrorCode::conflict;
    if (is_overtaken && !*wanted && call.find_param("version") == nullptr && attempt < attempts) continue;
    record(call, "fhir_meta", fmt::format("{}/{}", call.type_name, newest->id), written.has_value());
    if (!written) co_return outcome(written.error());
    const Written& done = written->changes.front();
    const auto version = call.context.store.cut().record.version(call.type, done.id, done.version);
    if (!version) co_return outcome(500, "exception", "What was written is not found.");
    const auto document = call.context.store.document(*version);
    if (!document) co_return outcome(document.error());
    Response response = meta_response(call, meta_of(*document));
    response.set("ETag", tag_of(done.version));
    co_return response;
  }
}

// A signal's, from the Observation that it is read as.
Response meta_of_signal(Call& call, const Response& answered) {
  if (answered.status != 200) return answered;
  const auto document = read_json(std::get<std::string>(answered.body), call.definitions());
  return document ? meta_response(call, meta_of(*document)) : outcome(document.error());
}

}  // namespace

asio::awaitable<Response> meta_of_one(Call call) {
  if (const auto arguments = Arguments::of(call, {}); !arguments) co_return arguments.error();
  if (is_signal(call, call.request.param("id"))) {
    Call plain = call;
    plain.form = {};
    const Response answered = co_await read_signal(std::move(plain));
    co_return meta_of_signal(call, answered);
  }
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const auto version = version_asked(call, cut->record);
  if (!version) co_return version.error();
  const auto document = call.context.store.document(*version);
  if (!document) co_return outcome(document.error());
  Response response = meta_response(call, meta_of(*document));
  response.set("ETag", tag_of(version->version));
  co_return response;
}

asio::awaitable<Response> meta_of_many(Call call) {
  if (const auto arguments = Arguments::of(call, {}); !arguments) co_return arguments.error();
  const auto cut = cut_of(call);
  if (!cut) co_return outcome(cut.error());
  const StoreCut now = call.context.store.cut();
  const RecordCut record{now.record.table(), cut->record.end()};
  const SearchableCut searchable{record, record.end() == now.record.end()};
  const search::Source source = searchable.source();
  search::Steps steps{kRowsMax};
  std::string json;
  for (const std::string_view kind : kKinds) {
    std::set<std::string> labels;
    for (const TypeId type : search::Parameters::r4().types()) {
      if (call.type != TypeId::none && type != call.type) continue;
      if (auto added = add_labels(source, type, kind, steps, labels); !added) co_return outcome(added.error());
    }
    std::string list;
    for (const std::string& label : labels) list += (list.empty() ? "" : ",") + label_json(kind, label);
    if (!list.empty()) json += fmt::format(R"({}"{}":[{}])", json.empty() ? "" : ",", kind, list);
  }
  co_return meta_response(call, '{' + json + '}');
}

asio::awaitable<Response> add_meta(Call call) {
  co_return co_await change_meta(std::move(call), addition);
}

asio::awaitable<Response> delete_meta(Call call) {
  co_return co_await change_meta(std::move(call), removal);
}

}  // namespace salus::fhir
