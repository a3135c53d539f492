package io.muster.runtime.ops;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.jar.Attributes;
import java.util.jar.Manifest;

/**
 * Which Muster this is.
 *
 * @param version {@code 0.0.0-dev} when the classes do not come from a jar
 * @param commit of the source, null when the jar does not say
 */
public record BuildInfo(String version, String commit) {
  /** Reads the manifest of the jar that holds the class. */
  public static BuildInfo of(Class<?> main) {
    Attributes attributes = manifest(main);
    String version = attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
    return new BuildInfo(
        version == null ? "0.0.0-dev" : version, attributes.getValue("Implementation-Commit"));
  }

  private static Attributes manifest(Class<?> main) {
    URL here = main.getResource(main.getSimpleName() + ".class");
    String path = here == null ? "" : here.toString();
    int end = path.indexOf("!/");
    if (path.startsWith("jar:") && end > 0) {
      URI manifest = URI.create(path.substring(0, end) + "!/META-INF/MANIFEST.MF");
      try (InputStream in = manifest.toURL().openStream()) {
        return new Manifest(in).getMainAttributes();
      } catch (IOException e) {
        return new Attributes();
      }
    }
    return new Attributes();
  }

  /** The Java that runs it: {@code version}, {@code vendor}, {@code vm}. */
  public static JsonObject java() {
    return new JsonObject()
        .put("version", System.getProperty("java.version"))
        .put("vendor", System.getProperty("java.vendor"))
        .put("vm", System.getProperty("java.vm.name"));
  }

  /** The system that it runs on: {@code name}, {@code version}, {@code arch}. */
  public static JsonObject os() {
    return new JsonObject()
        .put("name", System.getProperty("os.name"))
        .put("version", System.getProperty("os.version"))
        .put("arch", System.getProperty("os.arch"));
  }
}
