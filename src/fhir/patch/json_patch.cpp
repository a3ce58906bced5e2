#include "fhir/patch/json_patch.hpp"

#include <algorithm>
#include <charconv>

#include "fhir/patch/work.hpp"

namespace salus::fhir::patch {
namespace {

struct Pointer {
  std::string_view source;
  std::vector<std::string> tokens;

  // The first `count` tokens as they stand in the source, cut where it is long.
  std::string head(std::size_t count) const {
    std::size_t at = 0;
    while (count-- > 0 && at != std::string_view::npos) at = source.find('/', at + 1);
    std::string text{source.substr(0, at)};
    if (text.size() > 200) text.resize(200), text += "…";
    return text;
  }
  std::string whole() const { return head(tokens.size()); }
};

std::optional<Pointer> parse_pointer(std::string_view text) {
  Pointer pointer{.source = text, .tokens = {}};
  if (text.empty()) return pointer;
  if (text[0] != '/') return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      pointer.tokens.emplace_back();
    } else if (text[i] != '~') {
      pointer.tokens.back() += text[i];
    } else if (++i < text.size() && (text[i] == '0' || text[i] == '1')) {
      pointer.tokens.back() += text[i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return pointer;
}

// RFC 6901: digits without leading zeros.
std::optional<std::size_t> parse_index(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size() || (token.size() > 1 && token[0] == '0'))
    return std::nullopt;
  return index;
}

enum class Op : std::uint8_t { add, remove, replace, move, copy, test };
constexpr std::string_view op_names[] = {"add", "remove", "replace", "move", "copy", "test"};

struct Operation {
  Op op = Op::test;
  Pointer path, from;
  const Json* value = nullptr;
};

class Patcher {
 public:
  Patcher(Json& target, const Options& options)
      : target_(target), options_(options), work_(options.work_max), weight_(weigh(target).units) {}

  Reading<void> run(const Json& patch) {
    if (patch.kind != Json::Kind::array)
      return refuse(ErrorCode::invalid, "", "A JSON Patch is an array of operations");
    if (patch.items.size() > options_.operations_max)
      return refuse(ErrorCode::too_large, "", "A patch has at most {} operations", options_.operations_max);
    std::vector<Operation> operations;
    for (const Json& item : patch.items)
      if (auto read = operation(item, operations.size()); read) {
        operations.push_back(std::move(*read));
      } else {
        return tl::make_unexpected(std::move(read.error()));
      }
    for (number_ = 0; number_ < operations.size(); ++number_)
      if (auto done = apply(operations[number_]); !done) return done;
    return {};
  }

 private:
  static Reading<Operation> operation(const Json& item, std::size_t number) {
    const std::string at = fmt::format("/{}", number);
    if (item.kind != Json::Kind::object) return refuse(ErrorCode::invalid, at, "Operation {} is no object", number + 1);
    Operation made;
    const Json* op = item.find("op");
    const auto* name =
        op == nullptr || op->kind != Json::Kind::string ? std::end(op_names) : std::ranges::find(op_names, op->text);
    if (name == std::end(op_names))
      return refuse(ErrorCode::invalid, at + "/op",
                    "Operation {} has as 'op' none of add, remove, replace, move, copy, test", number + 1);
    made.op = static_cast<Op>(name - op_names);
    const auto pointer = [&](std::string_view key, Pointer& out) {
      const Json* held = item.find(key);
      auto parsed = held == nullptr || held->kind != Json::Kind::string ? std::nullopt : parse_pointer(held->text);
      if (parsed) out = std::move(*parsed);
      return parsed.has_value();
    };
    const bool two = made.op == Op::move || made.op == Op::copy;
    if (!pointer("path", made.path))
      return refuse(ErrorCode::invalid, at + "/path", "Operation {} ({}) has no JSON pointer as 'path'", number + 1,
                    *name);
    if (two && !pointer("from", made.from))
      return refuse(ErrorCode::invalid, at + "/from", "Operation {} ({}) has no JSON pointer as 'from'", number + 1,
                    *name);
    made.value = item.find("value");
    if (!two && made.op != Op::remove && made.value == nullptr)
      return refuse(ErrorCode::invalid, at + "/value", "Operation {} ({}) has no 'value'", number + 1, *name);
    const auto &from = made.from.tokens, &to = made.path.tokens;
    if (made.op == Op::move && from.size() < to.size() && std::equal(from.begin(), from.end(), to.begin()))
      return refuse(ErrorCode::invalid, at + "/path", "Operation {} (move) moves a value into itself", number + 1);
    return made;
  }

  template <class... Args>
  tl::unexpected<Issue> refused(const Operation& o, std::string_view member, fmt::format_string<Args...> why,
                                Args&&... args) const {
    return refuse(ErrorCode::conflict, fmt::format("/{}/{}", number_, member), "Operation {} ({}): {}", number_ + 1,
                  op_names[static_cast<std::size_t>(o.op)], fmt::format(why, std::forward<Args>(args)...));
  }
  tl::unexpected<Issue> too_large(std::string_view why) const {
    return refuse(ErrorCode::too_large, fmt::format("/{}", number_), "Operation {}: {}", number_ + 1, why);
  }

  Reading<void> apply(const Operation& o) {
    if (!work_.spend(1 + o.path.tokens.size())) return too_large(too_much_work);
    switch (o.op) {
      case Op::add:
        return add(o, *o.value);
      case Op::remove:
        return remove(o, o.path, "path", nullptr);
      case Op::replace: {
        auto held = find(o, o.path, "path");
        if (!held) return tl::make_unexpected(std::move(held.error()));
        if (auto fits = reserve(o, *o.value); !fits) return fits;
        weight_ -= std::min(weight_, weigh(**held).units);
        **held = Json{*o.value};
        return {};
      }
      case Op::test: {
        auto held = find(o, o.path, "path");
        if (!held) return tl::make_unexpected(std::move(held.error()));
        if (!work_.spend(weigh(*o.value).units)) return too_large(too_much_work);
        if (!equal(**held, *o.value)) return refused(o, "value", "'{}' has another value", o.path.whole());
        return {};
      }
      case Op::copy: {
        auto held = find(o, o.from, "from");
        if (!held) return tl::make_unexpected(std::move(held.error()));
        return add(o, Json{**held});
      }
      case Op::move: {
        if (o.from.tokens == o.path.tokens) {
          auto held = find(o, o.from, "from");
          if (!held) return tl::make_unexpected(std::move(held.error()));
          return {};
        }
        Json moved;
        if (auto taken = remove(o, o.from, "from", &moved); !taken) return taken;
        return add(o, std::move(moved));
      }
    }
    return {};
  }

  // The new value fits: its weight is counted.
  Reading<void> reserve(const Operation& o, const Json& value) {
    const Weight weight = weigh(value);
    if (!work_.spend(weight.units)) return too_large(too_much_work);
    weight_ += weight.units;
    if (weight_ > options_.document.bytes_max) return too_large("the resource becomes larger than is taken");
    if (o.path.tokens.size() + weight.depth > options_.document.depth_max + 100)
      return too_large("the resource is nested too deeply");
    return {};
  }

  // The value that `pointer` leads to, all but the last `spare` tokens of it.
  Reading<Json*> find(const Operation& o, const Pointer& pointer, std::string_view member, std::size_t spare = 0) {
    Json* at = &target_;
    for (std::size_t i = 0; i + spare < pointer.tokens.size(); ++i) {
      const std::string& token = pointer.tokens[i];
      Json* next = nullptr;
      if (at->kind == Json::Kind::object) {
        if (!work_.spend(at->keys.size())) return too_large(too_much_work);
        next = at->find(token);
      } else if (at->kind == Json::Kind::array) {
        const auto index = parse_index(token);
        if (index && *index < at->items.size()) next = &at->items[*index];
      }
      if (next == nullptr) return refused(o, member, "there is no '{}'", pointer.head(i + 1));
      at = next;
    }
    return at;
  }

  Reading<void> add(const Operation& o, Json value) {
    if (auto fits = reserve(o, value); !fits) return fits;
    if (o.path.tokens.empty()) {
      target_ = std::move(value);
      return {};
    }
    auto parent = find(o, o.path, "path", 1);
    if (!parent) return tl::make_unexpected(std::move(parent.error()));
    Json& into = **parent;
    const std::string& token = o.path.tokens.back();
    if (into.kind == Json::Kind::object) {
      if (!work_.spend(into.keys.size())) return too_large(too_much_work);
      into.set(token, std::move(value));
      if (into.keys.size() > members_max) return too_large("an object gets too many members");
      return {};
    }
    if (into.kind != Json::Kind::array)
      return refused(o, "path", "'{}' holds no members and no values", o.path.head(o.path.tokens.size() - 1));
    const auto index = token == "-" ? std::optional{into.items.size()} : parse_index(token);
    if (!index || *index > into.items.size())
      return refused(o, "path", "'{}' is no place in an array of {}", o.path.whole(), into.items.size());
    if (!work_.spend(into.items.size() - *index)) return too_large(too_much_work);
    into.items.insert(into.items.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return {};
  }

  Reading<void> remove(const Operation& o, const Pointer& pointer, std::string_view member, Json* taken) {
    auto found = find(o, pointer, member);
    if (!found) return tl::make_unexpected(std::move(found.error()));
    if (pointer.tokens.empty()) return refused(o, member, "the resource itself is not removed");
    const std::uint64_t units = weigh(**found).units;
    if (!work_.spend(units)) return too_large(too_much_work);
    weight_ -= std::min(weight_, units);
    if (taken != nullptr) *taken = std::move(**found);
    Json& parent = **find(o, pointer, member, 1);
    if (parent.kind == Json::Kind::object) {
      parent.erase(pointer.tokens.back());
    } else {
      if (!work_.spend(parent.items.size())) return too_large(too_much_work);
      parent.items.erase(parent.items.begin() + static_cast<std::ptrdiff_t>(*parse_index(pointer.tokens.back())));
    }
    return {};
  }

  Json& target_;
  const Options& options_;
  Work work_;
  std::uint64_t weight_;  // of the target
  std::size_t number_ = 0;
};

void merge_into(Json& target, const Json& patch) {
  if (patch.kind != Json::Kind::object) {
    target = patch;
    return;
  }
  if (target.kind != Json::Kind::object) target = Json{.kind = Json::Kind::object, .text = {}, .items = {}, .keys = {}};
  for (std::size_t i = 0; i < patch.items.size(); ++i) {
    const std::string& key = patch.keys[i];
    if (patch.items[i].kind == Json::Kind::null) {
      target.erase(key);
    } else {
      Json* held = target.find(key);
      if (held == nullptr) {
        target.set(key, {});
        held = target.find(key);
      }
      merge_into(*held, patch.items[i]);
    }
  }
}

}  // namespace

Reading<void> apply_operations(Json& target, const Json& patch, const Options& options) {
  return Patcher{target, options}.run(patch);
}

Reading<void> merge(Json& target, const Json& patch, const Options& options) {
  if (patch.kind != Json::Kind::object)
    return refuse(ErrorCode::invalid, "", "A merge patch of a resource is an object");
  if (weigh(patch).units > options.work_max) return refuse(ErrorCode::too_large, "", "{}", too_much_work);
  merge_into(target, patch);
  return {};
}

}  // namespace salus::fhir::patch
