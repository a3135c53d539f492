package io.muster.hub.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.List;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Remembers every write that H2 makes to its file, in order, and who was told meanwhile that a
 * transaction is committed: so that the file can be had as it was after each of them.
 */
final class WrittenFile {
  static final String SCHEME = "written";

  /**
   * One thing that happened to the file.
   *
   * @param bytes written at {@code position}; null where the file was cut to that length, or where
   *     {@code acknowledged} is the number that a client was told
   */
  record Step(long position, byte[] bytes, long acknowledged) {
    boolean isAcknowledgement() {
      return acknowledged > 0;
    }

    /** Does it to another file, or as much of it as fits below a limit. */
    void repeat(RandomAccessFile file, int limit) throws IOException {
      if (bytes != null) {
        file.seek(position);
        file.write(bytes, 0, Math.min(limit, bytes.length));
      } else if (!isAcknowledgement()) {
        file.setLength(position);
      }
    }
  }

  private static final List<Step> STEPS = new ArrayList<>();

  private WrittenFile() {}

  /** Forgets what was, and writes down what comes. */
  static void begin() {
    FilePath.register(new Watched());
    synchronized (STEPS) {
      STEPS.clear();
    }
  }

  static void acknowledged(long number) {
    add(new Step(0, null, number));
  }

  static List<Step> steps() {
    synchronized (STEPS) {
      return List.copyOf(STEPS);
    }
  }

  private static void add(Step step) {
    synchronized (STEPS) {
      STEPS.add(step);
    }
  }

  /** H2's file system of this name. */
  public static final class Watched extends FilePathWrapper {
    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
      return new Channel(getBase().open(mode));
    }
  }

  private static final class Channel extends FileBase {
    private final FileChannel file;

    Channel(FileChannel file) {
      this.file = file;
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.duplicate().get(bytes);
      add(new Step(position, bytes, 0));
      return file.write(source, position);
    }

    @Override
    public FileChannel truncate(long length) throws IOException {
      add(new Step(length, null, 0));
      file.truncate(length);
      return this;
    }

    @Override
    public int write(ByteBuffer source) {
      throw new UnsupportedOperationException("H2 says where it writes");
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      return file.read(target);
    }

    @Override
    public synchronized int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public long position() throws IOException {
      return file.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      file.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return file.lock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
