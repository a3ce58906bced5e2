// A run that is read to its end writes back to messages that read the same.
#include <vector>

#include "base/assert.hpp"
#include "device/message_run.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  const ByteView body{reinterpret_cast<const char*>(data), size};
  Result<device::MessageRunReader> run = device::MessageRunReader::open(body);
  if (!run) return 0;
  device::MessageRunWriter writer;
  writer.begin(run->device(), run->session(), run->arrival());
  std::vector<device::MessageView> messages;
  while (!run->at_end()) {
    const Result<device::MessageView> message = run->next();
    if (!message) return 0;
    messages.push_back(*message);
    writer.add(*message);
  }
  if (messages.empty()) return 0;
  const log::Draft draft = writer.take();
  Result<device::MessageRunReader> again = device::MessageRunReader::open(draft.body);
  SALUS_ASSERT(again.has_value() && again->session() == run->session() && again->arrival() == run->arrival());
  for (const device::MessageView& message : messages) {
    const Result<device::MessageView> same = again->next();
    SALUS_ASSERT(same.has_value() && same->payload == message.payload && same->topic == message.topic &&
                 same->format == message.format && same->packet_id == message.packet_id &&
                 same->repeated == message.repeated);
  }
  SALUS_ASSERT(again->at_end());
  return 0;
}
