// Does with a range what its input says, for test/payloads/every-language.test.ts.

#include <cstdio>
#include <fstream>
#include <iostream>

#include "noctua_payload.hpp"

namespace {

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

std::mutex meeting;
std::condition_variable came;
int present = 0;

void meet() {
  std::unique_lock<std::mutex> lock(meeting);
  ++present;
  came.notify_all();
  came.wait(lock, [] { return present >= 2; });
}

void process(const noctua::Job& job, noctua::EventRange& range) {
  const std::string what = range.input.substr(range.input.rfind('/') + 1);
  if (what == "refuse") throw noctua::RangeFailed(noctua::FailureClass::event, "no \"leptons\":\n é");
  if (what == "break") throw std::runtime_error("broken");
  if (what == "full") throw std::system_error(ENOSPC, std::generic_category());
  if (what == "long") throw std::runtime_error(std::string(3'000'000, 'x'));
  if (what == "linger") {
    range.progress(1);
    while (true) {
      range.check();
      pause();
    }
  }
  if (what == "report") {
    for (int events = 1; events <= 1000; ++events) range.progress(events);
  }
  if (what == "shout") std::cout << "hello" << std::endl;
  if (what == "meet") meet();
  if (what == "wait") {
    range.progress(1);
    while (!std::ifstream(job.scratch + "/go")) pause();
  }
  if (what == "spawn") {
    const std::string command = "sleep 100 > /dev/null 2>&1 & echo $! > " + job.scratch + "/pid";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("no shell");
  }
  if (range.output.empty()) return;
  std::ofstream(range.output) << job.number << ' ' << job.name << ' ' << range.input << ' ' << range.first << ' '
                              << range.last << '\n';
}

}  // namespace

int main() {
  noctua::Payload payload;
  payload.run([&](noctua::EventRange& range) { process(payload.job(), range); });
  std::cout << "over" << std::endl;
}
