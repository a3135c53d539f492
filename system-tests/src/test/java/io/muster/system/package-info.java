/** Hub and worker together: in one process as the story of one request, else as their real jars. */
package io.muster.system;
