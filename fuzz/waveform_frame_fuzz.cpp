// A frame that is read can be written, and reads back equal. The checksum is made right first, or nothing would get
// past it.
#include "base/assert.hpp"
#include "base/digest.hpp"
#include "device/waveform_frame.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace salus;
  std::string payload{reinterpret_cast<const char*>(data), size};
  static device::WaveFrame frame, back;
  (void)device::decode_waveform(payload, frame);
  if (size >= 4) payload.resize(size - 4);
  Writer{payload}.put(crc32c(payload));
  if (!device::decode_waveform(payload, frame)) return 0;
  std::string bytes;
  if (!device::encode_waveform(frame, bytes)) return 0;  // re-packed it may be over the size limit
  SALUS_ASSERT(device::decode_waveform(bytes, back).has_value());
  SALUS_ASSERT(frame.channels().size() == back.channels().size() && frame.time_ns == back.time_ns &&
               frame.period == back.period);
  for (std::size_t i = 0; i < frame.channels().size(); ++i)
    SALUS_ASSERT(frame.channels()[i].samples == back.channels()[i].samples);
  return 0;
}
