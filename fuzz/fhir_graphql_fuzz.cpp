// Any text as a GraphQL query of a resource: bounded, never crashing, the same answer twice, and an answer that is
// JSON.
#include "base/assert.hpp"
#include "fhir/document/json.hpp"
#include "fhir/graphql/check.hpp"
#include "fhir/graphql/execute.hpp"

namespace {

using namespace salus;
using namespace salus::fhir;

// One resource, which everything refers to and every search finds.
class OneResource final : public graphql::Source {
 public:
  explicit OneResource(graphql::Resource resource) : resource_(std::move(resource)) {}
  Result<graphql::Resource> read(TypeId type, std::string_view) override {
    return type == resource_->type() ? take() : graphql::Resource{};
  }
  Result<graphql::Resource> resolve(std::string_view) override { return take(); }
  Result<graphql::SearchFound> search(const graphql::SearchAsked& asked) override {
    if (asked.type != resource_->type()) return graphql::SearchFound{};
    auto resource = take();
    if (!resource) return fail(resource.error());
    return graphql::SearchFound{.resources = {*resource}, .total = 1, .next = "next"};
  }
  bool is_spent() const override { return reads_ > reads_max; }

 private:
  static constexpr int reads_max = 100;
  Result<graphql::Resource> take() {
    if (++reads_ > reads_max) return fail(ErrorCode::too_large, "Too much is read.");
    return resource_;
  }
  graphql::Resource resource_;
  int reads_ = 0;
};

std::string answer(const graphql::Query& query, const graphql::Operation& operation, const graphql::Resource& resource,
                   bool is_focus) {
  const auto variables = graphql::variables_of(operation, {});
  if (!variables) return variables.error().message;
  OneResource source{resource};
  const auto answered = graphql::execute(
      {.query = query, .operation = operation, .variables = *variables, .focus = is_focus ? resource : nullptr}, source,
      resource->definitions(),
      {.bytes_max = 1 << 20, .values_max = 20'000, .evaluations_max = 50, .path_steps_max = 2'000});
  if (!answered) return answered.error().message;
  std::string out;
  answered->data.write(out);
  SALUS_ASSERT(out.size() <= 4 << 20);
  SALUS_ASSERT(parse_json(out, {.bytes_max = 4 << 20, .depth_max = 100}).has_value());
  for (const graphql::Problem& problem : answered->problems) out += problem.message;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto resource = std::make_shared<const Document>(*read_json(
      R"({"resourceType":"Patient","id":"p","active":true,"birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"u","valueString":"x"}]},)"
      R"("name":[{"use":"official","given":["A","B"],"family":"C"},{"use":"old","given":["D"]}],"multipleBirthInteger":2,)"
      R"("link":[{"other":{"reference":"Patient/p"},"type":"seealso"}],"managingOrganization":{"reference":"#o"},)"
      R"("contained":[{"resourceType":"Organization","id":"o","name":"Clinic"}]})"));
  if (size == 0) return 0;
  const bool is_focus = data[0] % 2 == 0;
  const auto query = graphql::parse({reinterpret_cast<const char*>(data) + 1, size - 1}, {.bytes_max = 4096});
  if (!query) return 0;
  const auto operation = graphql::operation_of(*query, {});
  if (!operation) return 0;
  const graphql::Scope root =
      is_focus ? graphql::Scope{graphql::Scope::Kind::object, resource->type()} : graphql::Scope{};
  if (!graphql::check(*query, **operation, root, resource->definitions())) return 0;
  SALUS_ASSERT(answer(*query, **operation, resource, is_focus) == answer(*query, **operation, resource, is_focus));
  return 0;
}
