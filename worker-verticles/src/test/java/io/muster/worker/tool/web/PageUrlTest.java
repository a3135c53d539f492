package io.muster.worker.tool.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.worker.task.ToolException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageUrlTest {
  @ParameterizedTest
  @CsvSource({
    "https://münchen.example/straße?q=ü#top, https://xn--mnchen-3ya.example/stra%C3%9Fe?q=%C3%BC",
    "http://ｍünchen.example:8080, http://xn--mnchen-3ya.example:8080/",
    "http://a.example, http://a.example/",
    "http://a.example?x=1, http://a.example/?x=1",
    "' http://a.example/a%20b ', http://a.example/a%20b",
    "http://[2606:4700::1111]:81/x, http://[2606:4700::1111]:81/x",
    "http://１２７.０.０.１/, http://127.0.0.1/"
  })
  void isMadeOneThatCanBeAskedFor(String url, String asked) {
    assertThat(PageUrl.of(url)).hasToString(asked);
  }

  @ParameterizedTest
  @CsvSource({
    "http://a.example, b, http://a.example/b",
    "http://a.example/x/y?z=1, ?q=2, http://a.example/x/y?q=2",
    "http://a.example/x/y, z, http://a.example/x/z",
    "http://a.example/x, //b.example/é, http://b.example/%C3%A9",
    "http://a.example/x, https://b.example, https://b.example/"
  })
  void redirectsAreRelativeToWhereTheyCameFrom(String from, String location, String to) {
    assertThat(PageUrl.redirect(PageUrl.of(from), location)).hasToString(to);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://ü@", "http://user@münchen.example/", "//a.example/", "x", "http:"})
  void refusesWhatNamesNoPage(String url) {
    assertThatThrownBy(() -> PageUrl.of(url)).isInstanceOf(ToolException.class);
  }

  @Test
  void saysThatARedirectIsNoUrl() {
    assertThatThrownBy(() -> PageUrl.redirect(URI.create("http://a.example/"), "http://[x"))
        .hasMessage("the page redirects to what is no URL");
  }
}
