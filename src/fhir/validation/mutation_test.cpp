// Resources of Synthea in which one thing is broken, at random: it is found, at its place.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "fhir/data_for_test.hpp"
#include "fhir/document/json.hpp"
#include "fhir/validation/validate.hpp"

namespace salus::fhir::validation {
namespace {

using Lines = std::vector<std::string>;

const Definitions& d() {
  return Definitions::r4();
}

Lines shown(const std::vector<Finding>& findings) {
  Lines lines;
  for (const Finding& f : findings)
    lines.push_back(fmt::format("{} {} {}", name(f.severity), name(f.kind), f.location));
  return lines;
}

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  // JSON of a mutated copy and the line that must be among the findings; nothing where the try found nothing to break.
  std::optional<std::pair<std::string, std::string>> mutate(const Document& document, const Node& resource) {
    std::vector<const Node*> nodes;
    collect(document, resource, nodes);
    const Node& node = *nodes[random_() % nodes.size()];
    if (&node == &resource || node.element == ElementId::none) return std::nullopt;
    const Element element = d().element(node.element);
    // Locations begin at the resource once it stands alone.
    const auto local = [&](const Node& at) {
      return std::string{d().name(resource.type)} + document.location(at).substr(document.location(resource).size());
    };
    target_ = &node;
    switch (random_() % 3) {
      case 0: {  // drop a required element, all of its repetitions
        if (element.min == 0) return std::nullopt;
        how_ = How::drop;
        const Node& parent = document.parent(node);
        std::size_t members = 0;
        for (const Node& child : document.children(parent)) members += child.element != node.element ? 1 : 0;
        if (members == 0) return std::nullopt;  // nothing would be left
        return {{write(document, resource), "error required " + local(parent)}};
      }
      case 1:  // a single element becomes two
        if (element.repeats || document.is_resource(node)) return std::nullopt;
        how_ = How::twice;
        return {{write(document, resource), "error structure " + local(node)}};
      default:
        if (node.shape != Shape::string || d().name(node.type) == "string" || d().name(node.type) == "markdown" ||
            node.type == d().known().id || node.type == d().known().xhtml)
          return std::nullopt;
        how_ = How::garbage;
        return {{write(document, resource), "error value " + local(node)}};
    }
  }

 private:
  enum class How { drop, twice, garbage };

  void collect(const Document& document, const Node& node, std::vector<const Node*>& out) {
    out.push_back(&node);
    for (const Node& child : document.children(node)) collect(document, child, out);
  }

  std::string write(const Document& document, const Node& node) {
    std::string out;
    value(document, node, out);
    return out;
  }

  void value(const Document& document, const Node& node, std::string& out) {
    if (node.shape == Shape::string)
      return write_json_string(&node == target_ && how_ == How::garbage ? " \t? " : document.text(node), out);
    if (node.shape != Shape::object) {
      out += document.text(node);
      return;
    }
    out += '{';
    if (document.is_resource(node)) out += R"("resourceType":")" + std::string{d().name(node.type)} + "\",";
    const auto children = document.children(node);
    for (std::size_t i = 0; i < children.size();) {
      std::size_t end = i + 1;
      while (end < children.size() && children[i].in_array && children[end].name == children[i].name) ++end;
      const bool dropped = how_ == How::drop && document.index(document.parent(*target_)) == document.index(node) &&
                           children[i].element == target_->element;
      if (!dropped) {
        const bool twice = how_ == How::twice && &children[i] == target_;
        write_json_string(document.json_name(children[i]), out);
        out += children[i].in_array || twice ? ":[" : ":";
        for (std::size_t at = i; at < end; ++at) {
          if (at > i) out += ',';
          value(document, children[at], out);
        }
        if (twice) out += ',', value(document, children[i], out);
        if (children[i].in_array || twice) out += ']';
        out += ',';
      }
      i = end;
    }
    if (out.back() == ',') out.pop_back();
    out += '}';
  }

  std::mt19937 random_;
  const Node* target_ = nullptr;
  How how_ = How::drop;
};

TEST(Validation, FindsWhatMutationsBreak) {
  const auto files = files_of(data_folder() / "synthea");
  if (files.empty()) GTEST_SKIP() << "no data at " << data_folder();
  std::size_t mutations = 0;
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    const auto bundle = read_json(read_bz2(files[(seed * 11 + 5) % files.size()]));
    ASSERT_TRUE(bundle);
    Mutator mutator{seed};
    for (const Node& entry : bundle->children(bundle->root())) {
      const Node* resource = bundle->child(entry, d().known().resource_name);
      if (resource == nullptr) continue;
      for (int tries = 0; tries < 10; ++tries) {
        const auto made = mutator.mutate(*bundle, *resource);
        if (!made) continue;
        const auto broken = read_json(made->first);
        if (!broken) continue;  // the reader saw it already
        const Lines lines = shown(validate(*broken));
        ASSERT_NE(std::ranges::find(lines, made->second), lines.end())
            << "seed " << seed << ": " << made->second << " is not found in " << made->first.substr(0, 3000)
            << "\nfound: " << fmt::format("{}", fmt::join(lines, "; "));
        ++mutations;
      }
    }
  }
  EXPECT_GT(mutations, 1000u);
  std::printf("%zu mutations found\n", mutations);
}

}  // namespace
}  // namespace salus::fhir::validation
