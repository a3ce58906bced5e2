#include "view/table.hpp"

namespace salus::view {

void Table::write(const std::vector<Write>& writes) {
  for (const Write& write : writes) write.value ? put(write.key, *write.value) : remove(write.key);
}

std::string after_prefix(ByteView prefix) {
  std::string next(prefix);
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xFF) next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
  return next;
}

}  // namespace salus::view
