package io.muster.bench.upstream;

/**
 * What the upstream needs to know of a chat request. It looks for the few names it knows instead of
 * parsing the JSON: the upstream's cost is part of every figure and should be small.
 *
 * @param stream whether deltas are wanted
 * @param paced whether the model is the one whose deltas come at a steady pace
 * @param wantsUsage whether {@code stream_options.include_usage} is set
 */
record ChatQuestion(boolean stream, boolean paced, boolean wantsUsage) {

  static ChatQuestion of(String json) {
    return new ChatQuestion(
        isTrue(json, "\"stream\""),
        json.contains('"' + ChatAnswers.PACED_MODEL + '"'),
        isTrue(json, "\"include_usage\""));
  }

  private static boolean isTrue(String json, String key) {
    int at = json.indexOf(key);
    if (at < 0) {
      return false;
    }
    at += key.length();
    while (at < json.length() && (json.charAt(at) == ':' || json.charAt(at) <= ' ')) {
      at++;
    }
    return json.startsWith("true", at);
  }
}
