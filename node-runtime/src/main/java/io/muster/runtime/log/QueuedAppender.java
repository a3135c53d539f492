package io.muster.runtime.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Hands events to another appender on a thread of its own. When the queue is full, events are
 * dropped, never waited for, and a line says how many: Logback's own AsyncAppender drops in
 * silence.
 */
final class QueuedAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final int QUEUE_SIZE = 8192;
  private static final ILoggingEvent END = new LoggingEvent();
  private static final long STOP_MS = 1000;

  private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(QUEUE_SIZE);
  private final AtomicLong dropped = new AtomicLong();
  private final Appender<ILoggingEvent> target;
  private final Level threshold;
  private Thread thread;

  QueuedAppender(String name, Appender<ILoggingEvent> target, Level threshold) {
    setName(name);
    this.target = target;
    this.threshold = threshold;
  }

  @Override
  public void start() {
    super.start();
    thread = new Thread(this::work, "log-" + getName());
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (!event.getLevel().isGreaterOrEqual(threshold)) {
      return;
    }
    // Reads what belongs to this thread (the MDC, the arguments' texts) before another takes over.
    event.prepareForDeferredProcessing();
    if (!queue.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  /** Lets the thread write what is queued, for a second at most. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    if (!queue.offer(END)) {
      addInfo("stopping with a full queue"); // The thread has no need of the sign, then.
    }
    try {
      thread.join(STOP_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void work() {
    try {
      while (isStarted() || !queue.isEmpty()) {
        ILoggingEvent event = queue.poll(STOP_MS / 2, TimeUnit.MILLISECONDS);
        if (event != null && event != END) {
          target.doAppend(event);
        }
        tellDropped();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      target.stop();
    }
  }

  private void tellDropped() {
    long count = dropped.getAndSet(0);
    if (count > 0) {
      LoggingEvent event = new LoggingEvent();
      event.setLoggerName(QueuedAppender.class.getName());
      event.setThreadName(Thread.currentThread().getName());
      event.setLevel(Level.WARN);
      event.setTimeStamp(System.currentTimeMillis());
      event.setMessage(count + " lines were dropped: more was logged than could be written");
      target.doAppend(event);
    }
  }
}
