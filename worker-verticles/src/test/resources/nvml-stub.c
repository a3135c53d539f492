/* A stand-in for NVIDIA's management library, with its symbols and structures. What it tells stands
   in the file SCENARIO (a macro), read at every call, one "name value" a line:
     init CODE      what nvmlInit returns            all CODE    what every call after it returns
     count N        GPUs that are listed             lost N      this GPU has fallen off the bus
     hidden N       this GPU is not listed           busy N      a process computes on this GPU
     many N         so many processes on GPU 0       bare 1      GPUs tell nothing but who they are
     hang 1         calls do not return
     growing N      so many more processes on GPU 0 at every question, twice
   GENERATION 1 has the oldest functions only, 2 some more, 3 all. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct { int index; } device;
static device devices[8] = {{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};

static int ask(const char *name, int otherwise) {
  FILE *file = fopen(SCENARIO, "r");
  char word[64];
  int value, found = otherwise;
  if (!file) return otherwise;
  while (fscanf(file, "%63s %d", word, &value) == 2)
    if (!strcmp(word, name)) found = value;
  fclose(file);
  return found;
}

static int state(void) {
  while (ask("hang", 0)) usleep(20000);
  return ask("all", 0);
}

static int of(device *gpu) {
  int code = state();
  return code ? code : ask("lost", -1) == gpu->index ? 15 : 0;
}

static int tells(device *gpu) {
  int code = of(gpu);
  return code ? code : ask("bare", 0) ? 3 : 0;
}

static int init(void) { return ask("init", 0); }
static int count(unsigned int *n) {
  int code = state();
  *n = (unsigned int)(ask("count", 2) - (ask("hidden", -1) >= 0));
  return code;
}
static int handle(unsigned int index, device **gpu) {
  int code = state();
  int hidden = ask("hidden", -1);
  if (code) return code;
  *gpu = &devices[hidden >= 0 && (int)index >= hidden ? index + 1 : index];
  return 0;
}

int nvmlInit(void) { return init(); }
int nvmlShutdown(void) { return 0; }
int nvmlDeviceGetCount(unsigned int *n) { return count(n); }
int nvmlDeviceGetHandleByIndex(unsigned int index, device **gpu) { return handle(index, gpu); }
#if GENERATION >= 2
int nvmlInit_v2(void) { return init(); }
int nvmlDeviceGetCount_v2(unsigned int *n) { return count(n); }
int nvmlDeviceGetHandleByIndex_v2(unsigned int index, device **gpu) { return handle(index, gpu); }
#endif

int nvmlSystemGetDriverVersion(char *text, unsigned int length) {
  snprintf(text, length, "stub.%d", GENERATION);
  return state();
}

int nvmlDeviceGetUUID(device *gpu, char *text, unsigned int length) {
  snprintf(text, length, "GPU-stub-%d", gpu->index);
  return of(gpu);
}

int nvmlDeviceGetName(device *gpu, char *text, unsigned int length) {
  snprintf(text, length, "Stub GPU %d", gpu->index);
  return of(gpu);
}

int nvmlDeviceGetTemperature(device *gpu, int sensor, unsigned int *celsius) {
  *celsius = (unsigned int)ask("temperature", 40 + gpu->index);
  return sensor ? 2 : tells(gpu);
}

typedef struct { unsigned long long total, free, used; } memory;
int nvmlDeviceGetMemoryInfo(device *gpu, memory *m) {
  m->total = 24ULL << 30;
  m->free = 22ULL << 30;
  m->used = 2ULL << 30;
  return tells(gpu);
}

#if GENERATION >= 3
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } memory_v2;
int nvmlDeviceGetMemoryInfo_v2(device *gpu, memory_v2 *m) {
  if (m->version != (sizeof(memory_v2) | 2 << 24)) return 25;
  m->total = 24ULL << 30;
  m->reserved = 1ULL << 30;
  m->free = 22ULL << 30;
  m->used = 1ULL << 30;
  return tells(gpu);
}
#endif

typedef struct { unsigned int gpu, memory; } shares;
int nvmlDeviceGetUtilizationRates(device *gpu, shares *s) {
  s->gpu = ask("busy", -1) == gpu->index ? 75 : 0;
  s->memory = 1;
  return tells(gpu);
}

int nvmlDeviceGetPowerUsage(device *gpu, unsigned int *milliwatts) {
  *milliwatts = 61500;
  return tells(gpu);
}

typedef struct { unsigned int pid; unsigned long long used; } process_v1;
typedef struct { unsigned int pid; unsigned long long used; unsigned int part, compute; } process_v2;

static unsigned int running(device *gpu) {
  static int questions;
  int more = ask("growing", 0);
  if (gpu->index == 0 && more) {
    if (questions < 2) questions++;
    return (unsigned int)(ask("many", 0) + questions * more);
  }
  if (gpu->index == 0 && ask("many", 0)) return (unsigned int)ask("many", 0);
  return ask("busy", -1) == gpu->index ? 2 : 0;
}

#define PROCESSES(name, type)                                        \
  int name(device *gpu, unsigned int *n, type *entries) {            \
    unsigned int i, room = *n;                                       \
    int code = tells(gpu);                                           \
    if (code) return code;                                           \
    *n = running(gpu);                                               \
    if (*n > room) return 7;                                         \
    for (i = 0; i < *n; i++) {                                       \
      memset(&entries[i], 0, sizeof(type));                          \
      entries[i].pid = 1000 + i;                                     \
      entries[i].used = i == 1 ? ~0ULL : (unsigned long long)(i + 1) << 20; \
    }                                                                \
    return 0;                                                        \
  }

PROCESSES(nvmlDeviceGetComputeRunningProcesses, process_v1)
#if GENERATION >= 2
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v2, process_v2)
#endif
#if GENERATION >= 3
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, process_v2)
int nvmlDeviceGetGraphicsRunningProcesses_v3(device *gpu, unsigned int *n, process_v2 *entries) {
  (void)entries;
  *n = 0;
  return tells(gpu);
}
#endif

int nvmlSystemGetProcessName(unsigned int pid, char *text, unsigned int length) {
  if (pid == 1001) return 6;
  snprintf(text, length, "/usr/bin/trainer --token=secret");
  return 0;
}
