// Write a Noctua payload of kind "stream" in C++17, with this header and nothing else. (POSIX; link with -pthread.)
//
//     #include "noctua_payload.hpp"
//
//     int main() {
//       noctua::Payload payload;                      // reads what the job is: payload.job()
//       const Geometry geometry = loadGeometry();     // the costly start, paid once
//       payload.run([&](noctua::EventRange& range) {  // for each range of events, in a thread of its slot
//         std::ofstream output(range.output);
//         for (auto event = range.first; event <= range.last; ++event) output << simulate(geometry, range.input, event);
//       });                                           // says "ready" first, and returns when the actor says "stop"
//     }
//
// What is guaranteed (docs/payload-protocol.md is the protocol's one full text):
//
//   P1. Each range that the callback was called for is answered once: done when it returns, failed when it throws.
//   P2. Ranges of a slot are processed in order, one at a time; with one slot all of them in the thread that called run().
//   P3. After "stop" or end of file what runs is finished, nothing else is begun, and run() returns.
//   P4. Programs that the payload starts do not inherit the two pipes; stdout and stderr stay the payload's own.

#ifndef NOCTUA_PAYLOAD_HPP
#define NOCTUA_PAYLOAD_HPP

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace noctua {

/// What a failure says of its cause: this event is bad; try again; this node is bad; stop the job.
enum class FailureClass { event, transient, node, fatal };

/// Throw it in the callback to say of which class the failure is.
class RangeFailed : public std::runtime_error {
 public:
  RangeFailed(FailureClass failureClass, const std::string& message)
      : std::runtime_error(message), failureClass_(failureClass) {}
  FailureClass failureClass() const noexcept { return failureClass_; }

 private:
  FailureClass failureClass_;
};

/// Thrown by EventRange::check() to leave a range that is no longer wanted.
class Cancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "the range is no longer wanted"; }
};

/// The actor does not speak as expected, or there is none.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

constexpr std::int64_t protocol = 1;
constexpr std::size_t lineBytesMax = std::size_t{1} << 20;
constexpr std::size_t messageBytesMax = 4000;
constexpr std::chrono::milliseconds progressMin{100};

/// The strings and whole numbers of one JSON object; what else it holds is read over.
struct Message {
  std::map<std::string, std::string> texts;
  std::map<std::string, std::int64_t> numbers;

  bool hasText(const std::string& name) const { return texts.count(name) > 0; }
  const std::string& text(const std::string& name) const { return find(texts, name, "a string"); }
  std::int64_t number(const std::string& name) const { return find(numbers, name, "a whole number"); }
  std::string type() const {
    const auto found = texts.find("type");
    return found == texts.end() ? std::string() : found->second;
  }

 private:
  template <typename Value>
  const Value& find(const std::map<std::string, Value>& values, const std::string& name, const char* kind) const {
    const auto found = values.find(name);
    if (found != values.end()) return found->second;
    throw ProtocolError("expected \"" + name + "\" of \"" + type() + "\" to be " + kind);
  }
};

/// Reads the one JSON object of a line.
class Reader {
 public:
  explicit Reader(std::string_view line) : line_(line) {}

  Message object() {
    Message message;
    readObject([&](std::string name) { readField(message, std::move(name)); });
    skipSpace();
    if (at_ != line_.size()) fail("nothing after the object");
    return message;
  }

 private:
  static constexpr int depthMax = 64;

  template <typename ReadField>
  void readObject(ReadField readField) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string name = readText();
      expect(':');
      readField(std::move(name));
    } while (accept(','));
    expect('}');
  }

  void readField(Message& message, std::string name) {
    const char next = peek();
    if (next == '"') {
      message.texts[std::move(name)] = readText();
    } else if (next == '-' || (next >= '0' && next <= '9')) {
      const std::string digits = readWord();
      if (digits.find_first_of(".eE") != std::string::npos) return;
      char* end = nullptr;
      errno = 0;
      const std::int64_t value = std::strtoll(digits.c_str(), &end, 10);
      if (*end != '\0' || errno != 0) fail("a number");
      message.numbers[std::move(name)] = value;
    } else {
      skipValue(1);
    }
  }

  void skipValue(int depth) {
    if (depth > depthMax) fail("values nested less deeply");
    const char next = peek();
    if (next == '"') {
      readText();
    } else if (next == '{') {
      readObject([&](const std::string&) { skipValue(depth + 1); });
    } else if (next == '[') {
      expect('[');
      if (accept(']')) return;
      do skipValue(depth + 1);
      while (accept(','));
      expect(']');
    } else {
      readWord();
    }
  }

  /// A number, true, false or null.
  std::string readWord() {
    skipSpace();
    const std::size_t first = at_;
    while (at_ < line_.size() && std::string_view(",]} \t\r\n").find(line_[at_]) == std::string_view::npos) ++at_;
    if (at_ == first) fail("a value");
    return std::string(line_.substr(first, at_ - first));
  }

  std::string readText() {
    expect('"');
    std::string text;
    while (true) {
      const char next = take();
      if (next == '"') return text;
      if (next != '\\') {
        text += next;
        continue;
      }
      const char escape = take();
      const std::size_t which = std::string_view("\"\\/bfnrt").find(escape);
      if (which != std::string_view::npos) {
        text += "\"\\/\b\f\n\r\t"[which];
      } else if (escape == 'u') {
        appendUtf8(text, readCodePoint());
      } else {
        fail("an escape");
      }
    }
  }

  std::uint32_t readCodePoint() {
    const std::uint32_t high = readHex();
    if (high < 0xd800 || high > 0xdbff || line_.substr(at_, 2) != "\\u") return high;
    at_ += 2;
    return 0x10000 + ((high - 0xd800) << 10) + (readHex() - 0xdc00);
  }

  std::uint32_t readHex() {
    const std::string digits(line_.substr(at_, 4));
    if (digits.size() != 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      fail("four hexadecimal digits");
    }
    at_ += 4;
    return static_cast<std::uint32_t>(std::strtoul(digits.c_str(), nullptr, 16));
  }

  static void appendUtf8(std::string& text, std::uint32_t point) {
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    const auto follow = [&](int shift) { add(0x80 | ((point >> shift) & 0x3f)); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xc0 | (point >> 6));
      follow(0);
    } else if (point < 0x10000) {
      add(0xe0 | (point >> 12));
      follow(6);
      follow(0);
    } else {
      add(0xf0 | (point >> 18));
      follow(12);
      follow(6);
      follow(0);
    }
  }

  void skipSpace() {
    while (at_ < line_.size() && std::string_view(" \t\r\n").find(line_[at_]) != std::string_view::npos) ++at_;
  }
  char peek() {
    skipSpace();
    return at_ < line_.size() ? line_[at_] : '\0';
  }
  char take() {
    if (at_ == line_.size()) fail("the end of a string");
    return line_[at_++];
  }
  bool accept(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail(std::string(1, wanted));
  }
  [[noreturn]] void fail(const std::string& expected) const {
    throw ProtocolError("expected " + expected + " at byte " + std::to_string(at_) + " of the actor's line, found " +
                        std::string(line_.substr(at_, 40)));
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

/// How many bytes the UTF-8 character at `at` takes; 0 where there is none.
inline std::size_t utf8Length(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const std::size_t length = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;
  if (at + length > text.size()) return 0;
  for (std::size_t next = 1; next < length; ++next) {
    if ((static_cast<unsigned char>(text[at + next]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

/// As a JSON string. Messages come from anywhere: what is no UTF-8 becomes a question mark, control characters spaces.
inline std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8Length(text, at);
    if (length == 0) {
      result += '?';
    } else if (text[at] == '"' || text[at] == '\\') {
      (result += '\\') += text[at];
    } else if (static_cast<unsigned char>(text[at]) < 0x20) {
      result += text[at] == '\n' ? "\\n" : " ";
    } else {
      result += text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return result += '"';
}

inline std::string quoted(FailureClass failureClass) {
  switch (failureClass) {
    case FailureClass::event: return "\"event\"";
    case FailureClass::node: return "\"node\"";
    case FailureClass::fatal: return "\"fatal\"";
    case FailureClass::transient: break;
  }
  return "\"transient\"";
}

inline int openPipe(const char* variable) {
  const char* number = std::getenv(variable);
  if (number == nullptr) {
    throw ProtocolError(std::string(variable) +
                        " is not set: this program is started by Noctua, as a payload of kind stream");
  }
  const int descriptor = std::atoi(number);
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {  // (P4)
    throw std::system_error(errno, std::generic_category(), std::string(variable) + "=" + number);
  }
  return descriptor;
}

/// The two pipes. One thread listens; any may speak.
class Pipes {
 public:
  Pipes() : in_(openPipe("NOCTUA_IN_FD")), out_(openPipe("NOCTUA_OUT_FD")) {
    std::signal(SIGPIPE, SIG_IGN);  // An actor that is gone ends run() by its end of file, not the process.
  }

  /// The next line, or nothing where the actor speaks no more: a last half line is of an actor that died.
  bool listen(std::string& line) {
    std::size_t end = 0;
    while ((end = heard_.find('\n', searched_)) == std::string::npos) {
      searched_ = heard_.size();
      if (searched_ > lineBytesMax) throw ProtocolError("expected lines of at most 1 MiB, found a longer one");
      char piece[1 << 16];
      const ssize_t length = read(in_, piece, sizeof piece);
      if (length < 0 && errno == EINTR) continue;
      if (length < 0) throw std::system_error(errno, std::generic_category(), "reading from the actor");
      if (length == 0) return false;
      heard_.append(piece, static_cast<std::size_t>(length));
    }
    line = heard_.substr(0, end);
    heard_.erase(0, end + 1);
    searched_ = 0;
    return true;
  }

  void say(const std::string& line) {
    const std::lock_guard<std::mutex> lock(speaking_);
    for (std::size_t at = 0; at < line.size();) {
      const ssize_t length = write(out_, line.data() + at, line.size() - at);
      if (length < 0 && errno == EINTR) continue;
      if (length < 0 && errno == EPIPE) return;
      if (length < 0) throw std::system_error(errno, std::generic_category(), "writing to the actor");
      at += static_cast<std::size_t>(length);
    }
  }

 private:
  int in_;
  int out_;
  std::string heard_;
  std::size_t searched_ = 0;
  std::mutex speaking_;
};

}  // namespace detail

/// What the actor says first. Paths are absolute; `slots` ranges may be processed at once.
struct Job {
  std::int64_t number;
  std::string name;
  std::int64_t slots;
  std::string folder;
  std::string scratch;
};

/// Events `first` to `last` (counted from 1, both included) of the file `input`, to be written to `output`, which is empty
/// in a job without outputs.
class EventRange {
 public:
  EventRange(const detail::Message& message, detail::Pipes& pipes)
      : id(message.text("id")),
        slot(message.number("slot")),
        input(message.text("input")),
        first(message.number("first")),
        last(message.number("last")),
        output(message.hasText("output") ? message.text("output") : std::string()),
        pipes_(pipes) {}

  const std::string id;
  const std::int64_t slot;
  const std::string input;
  const std::int64_t first;
  const std::int64_t last;
  const std::string output;

  /// True when the range is no longer wanted: it may be finished all the same.
  bool isCancelled() const noexcept { return cancelled_; }
  /// Throws Cancelled when the range is no longer wanted.
  void check() const {
    if (cancelled_) throw Cancelled();
  }
  /// Says how many events of the range are done. Ten times a second at most; what is more is left out.
  void progress(std::int64_t events) {
    const auto now = std::chrono::steady_clock::now();
    if (spoke_ && now - spokeAt_ < detail::progressMin) return;
    spoke_ = true;
    spokeAt_ = now;
    pipes_.say("{\"type\":\"progress\",\"id\":" + detail::quoted(id) + ",\"events\":" + std::to_string(events) + "}\n");
  }

 private:
  friend class Payload;
  detail::Pipes& pipes_;
  std::atomic<bool> cancelled_{false};
  bool spoke_ = false;
  std::chrono::steady_clock::time_point spokeAt_;
};

/// The payload's side of the talk. Made once, before the costly start; it waits for what the job is.
class Payload {
 public:
  using Process = std::function<void(EventRange&)>;

  Payload() {
    std::string line;
    if (!pipes_.listen(line)) throw ProtocolError("expected \"open\" as the first message, found the end");
    const detail::Message message = detail::Reader(line).object();
    if (message.type() != "open") throw ProtocolError("expected \"open\" as the first message, found " + line);
    if (message.number("protocol") != detail::protocol) {
      throw ProtocolError("expected protocol 1, found " + std::to_string(message.number("protocol")));
    }
    job_ = Job{message.number("job"), message.text("name"), message.number("slots"), message.text("jobDir"),
               message.text("scratch")};
  }

  const Job& job() const noexcept { return job_; }

  /// Says ready, and calls process(range) for each range until the actor says stop.
  void run(const Process& process) {
    queues_.resize(static_cast<std::size_t>(job_.slots));
    pipes_.say("{\"type\":\"ready\"}\n");
    std::vector<std::thread> threads;
    threads.emplace_back([this] { listen(); });
    for (std::size_t slot = 1; slot < queues_.size(); ++slot) {
      threads.emplace_back([this, slot, &process] { serve(slot, process); });
    }
    serve(0, process);  // (P2)
    for (std::thread& thread : threads) thread.join();
    if (broken_) std::rethrow_exception(broken_);
  }

 private:
  /// Hands each range to its slot, until there is nothing more to hear.
  void listen() {
    try {
      std::string line;
      while (pipes_.listen(line) && hear(detail::Reader(line).object())) continue;
    } catch (...) {
      broken_ = std::current_exception();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  /// False when the actor said stop. Messages of unknown types are for payloads that know them.
  bool hear(const detail::Message& message) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (message.type() == "range") {
      auto range = std::make_shared<EventRange>(message, pipes_);
      if (range->slot < 0 || range->slot >= job_.slots) {
        throw ProtocolError("expected a slot below " + std::to_string(job_.slots) + ", found " +
                            std::to_string(range->slot));
      }
      held_[range->id] = range;
      queues_[static_cast<std::size_t>(range->slot)].push_back(range);
      changed_.notify_all();
    } else if (message.type() == "cancel") {
      const auto found = held_.find(message.text("id"));  // It may have been answered while the message came.
      if (found != held_.end()) found->second->cancelled_ = true;
    }
    return message.type() != "stop";
  }

  /// One slot's ranges, one after the other (P2).
  void serve(std::size_t slot, const Process& process) {
    while (const std::shared_ptr<EventRange> range = next(slot)) {
      const std::string answer = outcomeOf(process, *range);
      std::cout.flush();  // So that it stands in the log of this range, and not below a later one.
      std::fflush(stdout);
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        held_.erase(range->id);
      }
      pipes_.say("{\"type\":" + answer + ",\"id\":" + detail::quoted(range->id) + "}\n");  // (P1)
    }
  }

  std::shared_ptr<EventRange> next(std::size_t slot) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || !queues_[slot].empty(); });
    if (stopped_) return nullptr;  // (P3)
    const std::shared_ptr<EventRange> range = queues_[slot].front();
    queues_[slot].pop_front();
    return range;
  }

  static std::string outcomeOf(const Process& process, EventRange& range) {
    if (range.isCancelled()) return "\"cancelled\"";
    try {
      process(range);
      return "\"done\"";
    } catch (const Cancelled& error) {
      return range.isCancelled() ? "\"cancelled\"" : failed(FailureClass::transient, error.what());
    } catch (const RangeFailed& error) {
      return failed(error.failureClass(), error.what());
    } catch (const std::bad_alloc& error) {
      return failed(FailureClass::node, error.what());
    } catch (const std::system_error& error) {
      const bool noSpace = error.code() == std::errc::no_space_on_device || error.code().value() == EDQUOT;
      return failed(noSpace ? FailureClass::node : FailureClass::transient, error.what());
    } catch (const std::exception& error) {
      return failed(FailureClass::transient, error.what());
    } catch (...) {
      return failed(FailureClass::transient, "an exception that is no std::exception");
    }
  }

  static std::string failed(FailureClass failureClass, const std::string& message) {
    std::cerr << message << std::endl;
    return "\"failed\",\"class\":" + detail::quoted(failureClass) +
           ",\"message\":" + detail::quoted(std::string_view(message).substr(0, detail::messageBytesMax));
  }

  detail::Pipes pipes_;
  Job job_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::deque<std::shared_ptr<EventRange>>> queues_;
  std::map<std::string, std::shared_ptr<EventRange>> held_;
  bool stopped_ = false;
  std::exception_ptr broken_;
};

}  // namespace noctua

#endif
