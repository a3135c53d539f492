package io.muster.worker.monitor;

import io.muster.event.Events;
import io.muster.metric.Sample;
import io.muster.worker.control.Drains;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps new work from a node whose data has no more room, before that work would fail; and lets it
 * in again when there is clearly more room than that.
 */
final class DiskGuard {
  private static final Logger log = LoggerFactory.getLogger(DiskGuard.class);

  private final long drainBytes;
  private final long resumeBytes;
  private final Drains drains;
  private final String nodeId;
  private final Events events;
  private boolean full;

  /**
   * @param drainBytes with less than this it takes no new work; 0 for never
   * @param resumeBytes with this much it does again
   */
  DiskGuard(long drainBytes, long resumeBytes, Drains drains, String nodeId, Events events) {
    this.drainBytes = drainBytes;
    this.resumeBytes = resumeBytes;
    this.drains = drains;
    this.nodeId = nodeId;
    this.events = events;
  }

  void look(Sample sample) {
    long free = sample.diskFree();
    if (free < 0 || drainBytes == 0) {
      return;
    }
    if (!full && free < drainBytes) {
      full = true;
      String reason = "only " + (free >> 20) + " MiB are left for its data";
      log.warn("takes no new work: {}", reason);
      drains.begin(Drains.DISK, reason);
      tell("node_drained", reason);
    } else if (full && free >= resumeBytes) {
      full = false;
      String left = drains.end(Drains.DISK);
      if (left == null) {
        log.info("takes work again: {} MiB are free", free >> 20);
        tell("node_resumed", (free >> 20) + " MiB are free again");
      }
    }
  }

  boolean isFull() {
    return full;
  }

  private void tell(String type, String reason) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    data.put("by", "disk");
    data.put("reason", reason);
    events.emit(type, data);
  }
}
