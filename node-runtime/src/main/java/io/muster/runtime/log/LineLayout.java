package io.muster.runtime.log;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.StandardCharsets;
import org.slf4j.event.KeyValuePair;

/** How a log line looks. */
final class LineLayout {
  /** For people at a terminal. */
  static final String SHORT = "%d{HH:mm:ss.SSS} %-5level %request%logger{0}: %line%n%ex";

  /** For files. */
  static final String LONG =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %request%logger{20} [%thread] %line%n%ex";

  private LineLayout() {}

  static Encoder<ILoggingEvent> encoder(Context context, String pattern) {
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.getInstanceConverterMap().put("request", RequestId::new);
    layout.getInstanceConverterMap().put("line", OneLine::new);
    layout.setPattern(pattern);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(layout);
    encoder.start();
    return encoder;
  }

  /** The request's id in brackets when the event or the MDC has one, else nothing. */
  static final class RequestId extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
      Object id = null;
      if (event.getKeyValuePairs() != null) {
        for (KeyValuePair pair : event.getKeyValuePairs()) {
          if (Logs.REQUEST.equals(pair.key)) {
            id = pair.value;
          }
        }
      }
      if (id == null) {
        id = event.getMDCPropertyMap().get(Logs.REQUEST);
      }
      return id == null ? "" : "[" + OneLine.of(id.toString()) + "] ";
    }
  }

  /** The message on one line: what a client sent must not be able to forge another. */
  static final class OneLine extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
      return of(event.getFormattedMessage());
    }

    static String of(String text) {
      if (text == null) {
        return "";
      }
      for (int i = 0; i < text.length(); i++) {
        if (mustGo(text.charAt(i))) {
          return cleaned(text);
        }
      }
      return text;
    }

    private static String cleaned(String text) {
      StringBuilder clean = new StringBuilder(text.length() + 8);
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '\n') {
          clean.append("\\n");
        } else if (c == '\r') {
          clean.append("\\r");
        } else if (mustGo(c)) {
          clean.append('?');
        } else {
          clean.append(c);
        }
      }
      return clean.toString();
    }

    private static boolean mustGo(char c) {
      return (Character.isISOControl(c) && c != '\t') || c == '\u2028' || c == '\u2029';
    }
  }
}
