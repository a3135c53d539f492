package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The one Jackson of the providers. */
final class Json {
  static final ObjectMapper MAPPER = new ObjectMapper();

  static final JsonFactory FACTORY = MAPPER.getFactory();

  private Json() {}
}
