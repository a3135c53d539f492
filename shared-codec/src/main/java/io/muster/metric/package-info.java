/** Figures that nodes report. */
package io.muster.metric;
