/**
 * The three faces, latin subset only (97 kB together, swapped in): sans for words, mono for values that change, serif
 * italic for names of things. The variable sans is declared in faces.css, because its package has no latin-only sheet.
 */
import "./faces.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@fontsource/ibm-plex-mono/latin-500.css";
import "@fontsource/ibm-plex-serif/latin-400-italic.css";
