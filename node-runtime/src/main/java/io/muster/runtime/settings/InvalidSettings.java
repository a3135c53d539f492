package io.muster.runtime.settings;

import io.muster.runtime.process.StartRefused;
import java.util.List;

/** Settings that cannot be used: every reason, not only the first. */
public final class InvalidSettings extends StartRefused {
  private static final long serialVersionUID = 1L;

  InvalidSettings(List<String> reasons) {
    super(reasons);
  }
}
