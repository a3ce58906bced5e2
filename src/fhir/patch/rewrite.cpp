#include "fhir/patch/rewrite.hpp"

#include "base/assert.hpp"
#include "fhir/document/builder.hpp"

namespace salus::fhir::patch {
namespace {

class Rewriter {
 public:
  Rewriter(const Document& document, const Node& parent, const std::vector<Child>& children,
           const DocumentLimits& limits)
      : document_(document), parent_(parent), children_(children), build_(document.definitions(), limits) {}

  Reading<Document> run() {
    Node root;
    root.name = document_.root().name;
    root.type = document_.root().type;
    copy_children(document_, document_.root(), root);
    if (too_large_) return tl::make_unexpected(Issue{ErrorCode::too_large, "The patched resource is too large"});
    build_.pending.push_back(root);
    return build_.finish();
  }

 private:
  void copy_children(const Document& from, const Node& old, Node& made) {
    if (++depth_ > build_.limits().depth_max || build_.node_count() > build_.limits().nodes_max) too_large_ = true;
    const std::size_t first = build_.pending.size();
    if (!too_large_) {
      if (&old == &parent_) {
        for (const Child& child : children_) {
          if (const auto* kept = std::get_if<const Node*>(&child)) {
            copy(from, **kept);
          } else {
            create(std::get<NewChild>(child), made.type);
          }
        }
      } else {
        for (const Node& child : from.children(old)) copy(from, child);
      }
    }
    build_.close(made, first);
    --depth_;
  }

  void copy(const Document& from, const Node& old) {
    Node made;
    made.name = build_.intern(from.json_name(old));
    made.in_array = old.in_array;
    fill(from, old, made);
  }

  void create(const NewChild& child, TypeId owner) {
    Node made;
    made.name = build_.intern(child.json_name);
    const Definitions& definitions = document_.definitions();
    const Member member = definitions.member(owner, made.name);
    SALUS_ASSERT(member.element != ElementId::none);
    made.in_array = definitions.repeats(member.element);
    if (child.value != nullptr) return fill(*child.document, *child.value, made);
    const std::size_t first = build_.pending.size();
    for (const NewChild& inner : child.members) create(inner, member.type);
    if (build_.pending.size() == first) return;
    build_.close(made, first);
    build_.pending.push_back(made);
  }

  void fill(const Document& from, const Node& old, Node& made) {
    const bool resource = from.is_resource(old);
    if (resource || &old == &parent_) made.type = old.type;  // others get theirs in the end
    copy_children(from, old, made);
    if (!resource) made.type = TypeId::none;
    if (old.has_value()) {
      build_.set_text(made, old.shape, from.text(old));
    } else {
      made.shape = old.shape;
      if (made.count == 0 && !resource) return;
    }
    if (build_.text().size() > build_.limits().bytes_max) too_large_ = true;
    build_.pending.push_back(made);
  }

  const Document& document_;
  const Node& parent_;
  const std::vector<Child>& children_;
  DocumentBuilder build_;
  std::uint32_t depth_ = 0;
  bool too_large_ = false;
};

}  // namespace

Reading<Document> rewrite(const Document& document, const Node& parent, const std::vector<Child>& children,
                          const DocumentLimits& limits) {
  return Rewriter{document, parent, children, limits}.run();
}

}  // namespace salus::fhir::patch
