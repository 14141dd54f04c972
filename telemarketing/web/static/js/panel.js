/* Everything that the panel does in a browser; each module is one behaviour, told by HTML attributes. */
import "./htmx.js";
import "./requests.js";
import "./live.js";
import "./timer.js";
import "./toast.js";
import "./dialog.js";
import "./keys.js";
import "./rows.js";
import "./fold.js";
import "./theme.js";
import "./password.js";
import "./autosave.js";
import "./forms.js";
import "./player.js";
import "./notices.js";
