package io.muster.hub.quota;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Counts what happened, by the second, for as long as the longest window.
 *
 * <p>A second counts until all of it has left the window. So what is counted is never less than
 * what happened in the window, and at most a second's worth more.
 */
final class SlidingWindow {
  private static final long SLOT_MS = 1000;
  private static final long KEPT_SLOTS = 60L * Limits.MAX_BURST + 1;

  private record Slot(long number, long count) {
    long endMs() {
      return (number + 1) * SLOT_MS;
    }
  }

  /** Oldest first. */
  private final Deque<Slot> slots = new ArrayDeque<>();

  /** Reads what {@link #toText} wrote. */
  static SlidingWindow of(String text) {
    SlidingWindow window = new SlidingWindow();
    long number = 0;
    for (String part : text.split(" ", 0)) {
      if (!part.isEmpty()) {
        int colon = part.indexOf(':');
        number += Long.parseLong(part, 0, colon, 10);
        window.slots.add(new Slot(number, Long.parseLong(part, colon + 1, part.length(), 10)));
      }
    }
    return window;
  }

  /** {@code second:count}, the first second since 1970, the others since the one before. */
  String toText() {
    StringBuilder text = new StringBuilder();
    long before = 0;
    for (Slot slot : slots) {
      text.append(text.isEmpty() ? "" : " ").append(slot.number - before).append(':');
      text.append(slot.count);
      before = slot.number;
    }
    return text.toString();
  }

  /** Counts one at a moment that is no earlier than the one before. */
  void add(long nowMs) {
    long number = Math.floorDiv(nowMs, SLOT_MS);
    while (!slots.isEmpty() && slots.peekFirst().number <= number - KEPT_SLOTS) {
      slots.removeFirst();
    }
    Slot last = slots.peekLast();
    if (last != null && last.number >= number) {
      slots.removeLast();
      slots.addLast(new Slot(last.number, last.count + 1));
    } else {
      slots.addLast(new Slot(number, 1));
    }
  }

  long count(long nowMs, long windowMs) {
    long sum = 0;
    for (Slot slot : slots) {
      if (slot.endMs() > nowMs - windowMs) {
        sum += slot.count;
      }
    }
    return sum;
  }

  /** Milliseconds until fewer than {@code limit} are counted; 0 when that is so now. */
  long waitMs(long nowMs, long windowMs, long limit) {
    long left = count(nowMs, windowMs);
    for (Iterator<Slot> it = slots.iterator(); left >= limit && it.hasNext(); ) {
      Slot slot = it.next();
      if (slot.endMs() > nowMs - windowMs) {
        left -= slot.count;
        if (left < limit) {
          return slot.endMs() + windowMs - nowMs;
        }
      }
    }
    return 0;
  }

  /** Milliseconds until nothing is counted any more. */
  long emptyMs(long nowMs, long windowMs) {
    return slots.isEmpty() ? 0 : Math.max(0, slots.peekLast().endMs() + windowMs - nowMs);
  }
}
