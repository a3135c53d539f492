package io.muster.worker.tool.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * One folder and what is below it. Every step of a path is opened relative to the folder before it,
 * and no symbolic link is followed: a link that somebody puts in the place of a folder meanwhile
 * leads nowhere. Blocks; may be used on several threads.
 */
final class RootFolder {
  private static final int LONGEST_PATH = 4_096;
  private static final int LONGEST_NAME_BYTES = 255;

  private final Path root;

  /** What is done in a folder. */
  interface InFolder<T> {
    T run(SecureDirectoryStream<Path> folder) throws IOException;
  }

  /** What is done with an entry of a folder. */
  interface AtEntry<T> {
    T run(SecureDirectoryStream<Path> folder, Path name) throws IOException;
  }

  /**
   * @param root a folder that is there, by its real path
   * @throws IOException where it is not, or where this system cannot open relative to a folder
   */
  RootFolder(Path root) throws IOException {
    this.root = root.toRealPath();
    in(List.of(), folder -> null);
  }

  /**
   * A path's names, below the root.
   *
   * @param path relative, with slashes; empty or {@code .} for the root
   * @throws io.muster.worker.task.ToolException for one that is none, or that leads out
   */
  static List<String> names(String path) {
    if (path.length() > LONGEST_PATH) {
      throw FilePathRefused.escape("it is longer than " + LONGEST_PATH + " characters");
    }
    if (path.indexOf('\0') >= 0) {
      throw FilePathRefused.escape("it holds a NUL character");
    }
    if (path.startsWith("/")) {
      throw FilePathRefused.escape("it has to be relative to the tools' folder, without / first");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        throw FilePathRefused.escape("it must not hold ..");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME_BYTES) {
        throw FilePathRefused.escape("a name in it is longer than 255 bytes");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(possible(name));
      }
    }
    return names;
  }

  /** Java cannot say every name to a file system: which ones depends on the process' locale. */
  private static String possible(String name) {
    try {
      return Path.of(name).toString();
    } catch (InvalidPathException e) {
      throw FilePathRefused.escape(
          "a name in it has characters that this node's files cannot have");
    }
  }

  /** Opens the folder with these names, and what is on the way to it. */
  <T> T in(List<String> names, InFolder<T> action) throws IOException {
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
      if (!(stream instanceof SecureDirectoryStream<Path> folder)) {
        throw new IOException("this system cannot open files relative to a folder");
      }
      return descend(folder, names, 0, action);
    }
  }

  private static <T> T descend(
      SecureDirectoryStream<Path> folder, List<String> names, int depth, InFolder<T> action)
      throws IOException {
    if (depth == names.size()) {
      return action.run(folder);
    }
    try (SecureDirectoryStream<Path> next = open(folder, Path.of(names.get(depth)))) {
      return descend(next, names, depth + 1, action);
    }
  }

  /** A folder in a folder; never by a link. */
  static SecureDirectoryStream<Path> open(SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    BasicFileAttributes attributes = attributes(folder, name);
    if (attributes.isSymbolicLink()) {
      throw FilePathRefused.escape("'" + name + "' is a symbolic link, which is not followed");
    }
    if (!attributes.isDirectory()) {
      // Opening what is no folder may take for ever: a pipe.
      throw FilePathRefused.of("not_a_folder", "'path': '" + name + "' is no folder");
    }
    return folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
  }

  /** Does something with the entry of a path, which need not be there. */
  <T> T at(List<String> names, AtEntry<T> action) throws IOException {
    if (names.isEmpty()) {
      throw FilePathRefused.of("not_a_file", "'path': it is the tools' folder, no file");
    }
    Path name = Path.of(names.get(names.size() - 1));
    return in(names.subList(0, names.size() - 1), folder -> action.run(folder, name));
  }

  /**
   * Makes a folder, where there is none of the name.
   *
   * <p>Java makes folders by path only. So it is made in the root, whose path is the owner's, and
   * moved from there. One at a time: several files that are written at once may need the same one.
   */
  synchronized void make(List<String> names, String temporaryName) throws IOException {
    for (int depth = 1; depth <= names.size(); depth++) {
      List<String> parent = names.subList(0, depth - 1);
      Path name = Path.of(names.get(depth - 1));
      boolean there = in(parent, folder -> exists(folder, name));
      if (!there) {
        Path temporary = Path.of(temporaryName);
        Files.createDirectory(root.resolve(temporary));
        try {
          in(
              List.of(),
              top ->
                  in(
                      parent,
                      folder -> {
                        top.move(temporary, folder, name);
                        return null;
                      }));
        } catch (FileSystemException e) {
          if (!in(parent, folder -> exists(folder, name))) {
            throw e;
          }
          // Somebody else has made it meanwhile; what it is shows on the way through it.
        } finally {
          Files.deleteIfExists(root.resolve(temporary));
        }
      }
    }
  }

  static boolean exists(SecureDirectoryStream<Path> folder, Path name) throws IOException {
    try {
      attributes(folder, name);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Of the entry itself, also where it is a link. */
  static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name)
      throws IOException {
    return folder
        .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes();
  }
}
