package io.muster.worker.tool.web;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeVisitor;

/**
 * What a person would read on a page: its title and its text, blocks as lines, headings marked.
 *
 * @param title null where it has none
 */
record PageText(String title, String text) {
  private static final String NOT_READ =
      "script, style, noscript, template, svg, iframe, object, head, nav, button, input,"
          + " select, textarea, [hidden], [aria-hidden=true]";

  /**
   * Whether a page of this type can be read.
   *
   * @param contentType as the server says it, null for nothing
   */
  static boolean isReadable(String contentType) {
    String type = mediaType(contentType);
    return type.isEmpty()
        || type.startsWith("text/")
        || type.endsWith("json")
        || type.endsWith("xml")
        || type.endsWith("javascript")
        || type.endsWith("yaml");
  }

  /** The type without its parameters, lower case; empty for none. */
  static String mediaType(String contentType) {
    String type = contentType == null ? "" : contentType;
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  /** Reads a page; takes a while for a long one. */
  static PageText of(Buffer body, String contentType, String url) {
    String type = mediaType(contentType);
    boolean html =
        type.equals("text/html")
            || type.equals("application/xhtml+xml")
            || (type.isEmpty() && looksLikeHtml(body));
    if (!html) {
      return new PageText(null, new String(body.getBytes(), charset(contentType)));
    }
    try {
      Charset said = saidCharset(contentType);
      Document page =
          Jsoup.parse(
              new ByteArrayInputStream(body.getBytes()), said == null ? null : said.name(), url);
      String title = page.title().isBlank() ? null : page.title().strip();
      page.select(NOT_READ).remove();
      Lines lines = new Lines();
      Element main = page.selectFirst("main, article");
      Element read = main != null && main.text().length() > 200 ? main : page.body();
      read.traverse(lines);
      return new PageText(title, lines.text());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean looksLikeHtml(Buffer body) {
    String begin = body.getString(0, Math.min(200, body.length())).toLowerCase(Locale.ROOT);
    return begin.contains("<html") || begin.contains("<!doctype html");
  }

  private static Charset charset(String contentType) {
    Charset said = saidCharset(contentType);
    return said == null ? StandardCharsets.UTF_8 : said;
  }

  private static Charset saidCharset(String contentType) {
    int at = contentType == null ? -1 : contentType.toLowerCase(Locale.ROOT).indexOf("charset=");
    if (at < 0) {
      return null;
    }
    String name = contentType.substring(at + "charset=".length()).replaceAll("[\"';\\s].*", "");
    try {
      return Charset.forName(name);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Puts the texts of blocks on lines of their own. */
  private static final class Lines implements NodeVisitor {
    private final StringBuilder out = new StringBuilder();
    private int preformatted;

    @Override
    public void head(Node node, int depth) {
      if (node instanceof TextNode text) {
        add(preformatted > 0 ? text.getWholeText() : text.text());
      } else if (node instanceof Element element) {
        String name = element.normalName();
        if (name.equals("br") || name.equals("hr")) {
          line();
        } else if (name.equals("td") || name.equals("th")) {
          out.append(atLineStart() ? "" : " | ");
        } else if (element.isBlock()) {
          line();
          if (name.matches("h[1-6]")) {
            out.append("#".repeat(name.charAt(1) - '0')).append(' ');
          } else if (name.equals("li")) {
            out.append("- ");
          }
        }
        preformatted += name.equals("pre") ? 1 : 0;
      }
    }

    @Override
    public void tail(Node node, int depth) {
      if (node instanceof Element element) {
        preformatted -= element.normalName().equals("pre") ? 1 : 0;
        if (element.isBlock() && !element.normalName().matches("t[dh]")) {
          line();
        }
      }
    }

    private void add(String text) {
      boolean spaced = atLineStart() || Character.isWhitespace(out.charAt(out.length() - 1));
      out.append(spaced && preformatted == 0 ? text.stripLeading() : text);
    }

    private boolean atLineStart() {
      return out.length() == 0 || out.charAt(out.length() - 1) == '\n';
    }

    private void line() {
      if (!atLineStart()) {
        out.append('\n');
      }
    }

    String text() {
      return out.toString()
          .replaceAll("[ \\t]+\\n", "\n")
          .replaceAll("(?m)^(?:#+|-) ?$\\n?", "")
          .replaceAll("\\n{3,}", "\n\n")
          .strip();
    }
  }
}
