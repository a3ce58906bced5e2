#include "fhir/document/json.hpp"
#include "fhir/records/body.hpp"
#include "fhir/rest/imports.hpp"
#include "fhir/signals/signal_id.hpp"

namespace salus::fhir {

bool ImportReader::read(std::size_t lines_max) {
  for (std::size_t i = 0; i < lines_max && !rest_.empty() && !is_full(); ++i) {
    std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    ++line_;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) add(line);
  }
  return !rest_.empty();
}

bool ImportReader::is_full() const {
  return gathered_.set.changes.size() >= limits_.changes_max || gathered_.bytes >= limits_.set_bytes_max;
}

ImportSet ImportReader::take() {
  gathered_.set.by = call_.by();
  return std::exchange(gathered_, {});
}

void ImportReader::refuse(std::size_t line, std::string_view code, std::string text, std::string expression) {
  if (++counts.refused > limits_.issues_max) return;
  counts.issues.push_back(
      {.code = code, .text = fmt::format("Line {}: {}", line, text), .expression = std::move(expression)});
}

// The first issue of an answer that refuses a document, as the line's.
void ImportReader::refuse_as(const http::Response& refusal) {
  std::string text = "It is refused.", expression;
  if (counts.refused < limits_.issues_max) {
    const auto said = read_json(std::get<std::string>(refusal.body), call_.definitions());
    if (said)
      for (const Node& issue : said->children(said->root())) {
        const Node* severity = said->child(issue, "severity");
        if (severity == nullptr || said->text(*severity) == "warning" || said->text(*severity) == "information")
          continue;
        if (const Node* node = said->child(issue, "diagnostics")) text = said->text(*node);
        if (const Node* node = said->child(issue, "expression")) expression = said->text(*node);
        break;
      }
  }
  refuse(line_, "invalid", std::move(text), std::move(expression));
}

// Whether the newest version says the same already, but for what only apply knows.
bool ImportReader::is_there(const Change& change, TypeId type) const {
  const auto version = call_.context.store.cut().record.newest(type, change.id);
  if (!version || version->is_removed()) return false;
  const auto stored = call_.context.store.document(*version);
  return stored && make_body(*stored, stored->root()).text == change.body->text;
}

void ImportReader::add(std::string_view line) {
  const auto document = read_json(line, call_.definitions());
  if (!document) {
    const Issue& issue = document.error();
    return refuse(line_, issue.code == ErrorCode::too_large ? "too-long" : "structure",
                  issue.column > 0 ? fmt::format("{} (column {})", issue.message, issue.column) : issue.message,
                  issue.location);
  }
  const TypeId type = document->type();
  if (!is_kept(call_.definitions(), type)) return refuse(line_, "invalid", "It is of no type that is kept here.");
  Change change{.operation = Operation::update, .type = std::string(call_.definitions().name(type))};
  change.id = document->text_of(document->root(), call_.definitions().known().id_name);
  if (change.id.empty()) {
    change.operation = Operation::create;
    change.id = call_.context.new_id();
  }
  if (!is_id(change.id)) return refuse(line_, "value", "An id has 1 to 64 of A-Z a-z 0-9 - and '.'.");
  if (change.type == "Observation" && signal_name(change.id))
    return refuse(line_, "not-supported",
                  fmt::format("Observation/{} is read from a device's samples; nobody writes it.", change.id));
  const auto [known, is_first] = lines_of_.try_emplace(change.type + '/' + change.id, line_);
  if (!is_first)
    return refuse(line_, "duplicate", fmt::format("{} stands on line {} already.", known->first, known->second));
  if (const auto refused = refusal_of(call_, *document)) return refuse_as(*refused);
  change.body = make_body(*document, document->root());
  if (change.operation == Operation::update && is_there(change, type)) {
    ++counts.unchanged;
    return;
  }
  gathered_.bytes += change.body->text.size();
  gathered_.lines.push_back(line_);
  gathered_.set.changes.push_back(std::move(change));
}

}  // namespace salus::fhir
