"""Screens of real GTK 3 widgets with random contents, themes and fonts, drawn off the screen.

    xvfb-run python gtk_screens.py FOLDER COUNT [SEED]

The truth is the toolkit's own: allocations and Pango layouts, read in this process.
"""

import random
import sys

import cairo
import gi
import numpy as np

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk, Pango

import fonts
import lines
import screens
from text import Texts

THEMES = ["Adwaita"] * 6 + ["Adwaita-dark"] * 2 + ["HighContrast", "HighContrastInverse", "Arc", "Arc-Dark", "Greybird", "Greybird-dark",
          "Numix", "Materia", "Materia-dark-compact", "Breeze", "Breeze-Dark", "Blackbird", "Orchis", "Orchis-Dark-Compact"]
SIZES = [(640, 480), (560, 420), (720, 400)]
ICONS = ["document-open-symbolic", "edit-find-symbolic", "go-previous-symbolic", "go-next-symbolic", "list-add-symbolic", "open-menu-symbolic",
         "edit-copy", "document-save", "folder", "text-x-generic", "user-trash-symbolic", "view-refresh-symbolic", "window-close-symbolic",
         "media-playback-start-symbolic", "printer", "help-about", "go-up", "dialog-warning", "dialog-information", "emblem-system-symbolic"]


class Window:
    """One window being filled."""

    def __init__(self, rng, texts):
        self.rng, self.texts = rng, texts

    def label(self, **more):
        kind = self.rng.random()
        text = self.texts.any() if kind < 0.8 else self.texts.sentence()
        label = Gtk.Label(label=text, xalign=self.rng.choice([0, 0, 0, 0.5, 1]), **more)
        r = self.rng.random()
        if r < 0.1:
            label.set_markup(f"<b>{escape(text)}</b>")
        elif r < 0.15:
            label.set_markup(f"<big>{escape(text)}</big>")
        elif r < 0.2:
            label.set_markup(f"<small>{escape(text)}</small>")
        label.set_selectable(False)
        if self.rng.random() < 0.08:
            label.set_sensitive(False)
        return label

    def image(self):
        return Gtk.Image.new_from_icon_name(self.rng.choice(ICONS), self.rng.choice([Gtk.IconSize.MENU, Gtk.IconSize.LARGE_TOOLBAR, Gtk.IconSize.BUTTON]))

    def button(self):
        r = self.rng.random()
        button = Gtk.ToggleButton() if r < 0.15 else Gtk.Button()
        if self.rng.random() < 0.25:
            button.set_image(self.image())
        else:
            button.set_label(self.texts.single() if self.rng.random() < 0.15 else self.texts.label(2))
            if self.rng.random() < 0.15:
                button.set_image(self.image())
                button.set_always_show_image(True)
        if r < 0.08:
            button.set_active(True)
        if self.rng.random() < 0.15:
            button.set_relief(Gtk.ReliefStyle.NONE)
        if self.rng.random() < 0.1:
            button.get_style_context().add_class(self.rng.choice(["suggested-action", "destructive-action"]))
        if self.rng.random() < 0.1:
            button.set_sensitive(False)
        return button

    def field(self):
        r = self.rng.random()
        if r < 0.2:
            spin = Gtk.SpinButton.new_with_range(0, 10 ** self.rng.randint(1, 4), 1)
            spin.set_value(self.rng.randint(0, 999))
            return spin
        if r < 0.4:
            combo = Gtk.ComboBoxText()
            for _ in range(3):
                combo.append_text(self.texts.label(2))
            combo.set_active(self.rng.randint(0, 2))
            return combo
        entry = Gtk.SearchEntry() if r < 0.5 else Gtk.Entry()
        if self.rng.random() < 0.7:
            entry.set_text(self.texts.any())
        elif self.rng.random() < 0.6:
            entry.set_placeholder_text(self.texts.label())
        return entry

    def check(self, group=[None]):
        r = self.rng.random()
        if r < 0.6:
            check = Gtk.CheckButton(label=self.texts.label())
            check.set_active(self.rng.random() < 0.5)
        elif r < 0.95:
            join = group[0] if self.rng.random() < 0.5 else None
            check = group[0] = Gtk.RadioButton.new_with_label_from_widget(join, self.texts.label())
        else:
            check = Gtk.Switch(active=self.rng.random() < 0.5, halign=Gtk.Align.START)
        if self.rng.random() < 0.08:
            check.set_sensitive(False)
        return check

    def form(self):
        grid = Gtk.Grid(column_spacing=self.rng.choice([4, 6, 12, 18]), row_spacing=self.rng.choice([0, 3, 6, 12]), border_width=self.rng.choice([0, 6, 12]))
        for row in range(self.rng.randint(4, 12)):
            r = self.rng.random()
            if r < 0.45:
                grid.attach(self.label(), 0, row, 1, 1)
                grid.attach(self.field(), 1, row, 1, 1)
            elif r < 0.75:
                grid.attach(self.check(), self.rng.randint(0, 1), row, self.rng.randint(1, 2), 1)
            elif r < 0.9:
                grid.attach(self.label(), 0, row, 2, 1)
            else:
                grid.attach(self.button(), self.rng.randint(0, 1), row, 1, 1)
        return grid

    def keys(self):
        grid = Gtk.Grid(column_spacing=self.rng.choice([0, 2, 6]), row_spacing=self.rng.choice([0, 2, 6]), column_homogeneous=True, row_homogeneous=True)
        for row in range(self.rng.randint(3, 6)):
            for column in range(self.rng.randint(4, 7)):
                key = Gtk.Button(label=self.texts.single() if self.rng.random() < 0.75 else self.texts.short(), hexpand=True)
                grid.attach(key, column, row, 1, 1)
        return grid

    def listing(self):
        count = self.rng.randint(1, 4)
        store = Gtk.ListStore(*[str] * count)
        makers = [self.rng.choice([self.texts.file, self.texts.label, self.texts.number, self.texts.any]) for _ in range(count)]
        for _ in range(self.rng.randint(5, 18)):
            store.append([make() for make in makers])
        view = Gtk.TreeView(model=store, headers_visible=self.rng.random() < 0.7)
        for i in range(count):
            column = Gtk.TreeViewColumn(self.texts.label(1), Gtk.CellRendererText(), text=i)
            column.set_resizable(True)
            view.append_column(column)
        if self.rng.random() < 0.4:
            view.get_selection().select_path(Gtk.TreePath.new_from_indices([self.rng.randint(0, 4)]))
        return self.scrolled(view)

    def rows(self):
        box = Gtk.ListBox()
        for _ in range(self.rng.randint(3, 9)):
            row = Gtk.Box(spacing=6, margin=self.rng.choice([0, 3, 6]))
            if self.rng.random() < 0.4:
                row.pack_start(self.image(), False, False, 0)
            row.pack_start(self.label(), False, False, 0)
            box.add(row)
        if self.rng.random() < 0.5:
            box.select_row(box.get_row_at_index(self.rng.randint(0, 2)))
        return box

    def writing(self):
        view = Gtk.TextView(monospace=self.rng.random() < 0.4, left_margin=self.rng.choice([0, 4, 12]), wrap_mode=Gtk.WrapMode.NONE)
        make = self.texts.code if self.rng.random() < 0.3 else self.texts.sentence
        view.get_buffer().set_text("\n".join(make() if self.rng.random() < 0.9 else "" for _ in range(self.rng.randint(2, 14))))
        return self.scrolled(view)

    def scrolled(self, child):
        window = Gtk.ScrolledWindow(overlay_scrolling=self.rng.random() < 0.3, expand=True, min_content_height=self.rng.randint(60, 200))
        if self.rng.random() < 0.5:
            window.set_policy(Gtk.PolicyType.AUTOMATIC, Gtk.PolicyType.ALWAYS)
        if self.rng.random() < 0.5:
            window.set_shadow_type(Gtk.ShadowType.IN)
        window.add(child)
        return window

    def menubar(self):
        bar = Gtk.MenuBar()
        for _ in range(self.rng.randint(3, 8)):
            bar.append(Gtk.MenuItem(label=self.texts.word().title()))
        return bar

    def toolbar(self):
        bar = Gtk.Toolbar()
        bar.set_style(self.rng.choice([Gtk.ToolbarStyle.ICONS, Gtk.ToolbarStyle.BOTH, Gtk.ToolbarStyle.BOTH_HORIZ]))
        for _ in range(self.rng.randint(3, 9)):
            item = Gtk.SeparatorToolItem() if self.rng.random() < 0.15 else Gtk.ToolButton(icon_widget=self.image(), label=self.texts.label(1), is_important=True)
            bar.insert(item, -1)
        return bar

    def header(self):
        bar = Gtk.HeaderBar(title=self.texts.label(), show_close_button=False)
        if self.rng.random() < 0.5:
            bar.set_subtitle(self.texts.file())
        for _ in range(self.rng.randint(0, 3)):
            bar.pack_start(self.button()) if self.rng.random() < 0.5 else bar.pack_end(self.button())
        return bar

    def part(self):
        return self.rng.choice([self.form, self.form, self.form, self.keys, self.listing, self.listing, self.rows, self.writing])()

    def body(self):
        r = self.rng.random()
        if r < 0.3:
            book = Gtk.Notebook(expand=True)
            for _ in range(self.rng.randint(2, 5)):
                book.append_page(self.part(), Gtk.Label(label=self.texts.label(2)))
            return book
        if r < 0.65:
            panes = Gtk.Box(spacing=self.rng.choice([0, 6, 12]))
            panes.pack_start(self.part(), self.rng.random() < 0.6, True, 0)
            panes.pack_start(self.part(), True, True, 0)
            return panes
        return self.part()

    def build(self):
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=self.rng.choice([0, 0, 6]))
        for share, make in ((0.3, self.header), (0.45, self.menubar), (0.35, self.toolbar)):
            if self.rng.random() < share:
                box.pack_start(make(), False, False, 0)
        box.pack_start(self.body(), True, True, 0)
        if self.rng.random() < 0.4:
            box.pack_start(self.part(), self.rng.random() < 0.5, True, 0)
        if self.rng.random() < 0.4:
            row = Gtk.ButtonBox(spacing=6, border_width=self.rng.choice([0, 6]), layout_style=self.rng.choice([Gtk.ButtonBoxStyle.END, Gtk.ButtonBoxStyle.SPREAD]))
            for _ in range(self.rng.randint(1, 4)):
                row.pack_start(self.button(), False, False, 0)
            box.pack_start(row, False, False, 0)
        elif self.rng.random() < 0.3:
            box.pack_start(self.label(margin=2), False, False, 0)
        return box


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Reader:
    """Where everything is that a window shows."""

    def __init__(self, top, truth, rgb):
        self.top, self.truth, self.rgb = top, truth, rgb

    def at(self, widget):
        x, y = widget.translate_coordinates(self.top, 0, 0)
        size = widget.get_allocation()
        return (x, y, x + size.width, y + size.height)

    def layout(self, layout, x, y, clip):
        rows = layout.get_iter()
        height = fonts.capital(layout.get_font_description() or layout.get_context().get_font_description(), layout.get_context())
        scale = self.scale(layout)
        while True:
            ink, _ = rows.get_line_extents()
            base = y + rows.get_baseline() / Pango.SCALE
            left, right = x + ink.x / Pango.SCALE, x + (ink.x + ink.width) / Pango.SCALE
            box = (max(left, clip[0]), base - fonts.ABOVE * height * scale, min(right, clip[2]), base + fonts.BELOW * height * scale)
            part = rows.get_line_readonly()
            whole = box[2] >= right and box[0] <= left and not layout.is_ellipsized()
            said = layout.get_text().encode()[part.start_index : part.start_index + part.length].decode() if whole else None
            if ink.width and clip[1] - 2 <= base - 0.9 * height * scale and base <= clip[3] + 1:
                self.truth.add_text(box, said)
            if not rows.next_line():
                return

    def scale(self, layout):
        found = layout.get_attributes()
        values = [a.as_float().value for a in found.get_attributes() if a.klass.type == Pango.AttrType.SCALE] if found else []
        return values[0] if values else 1

    def read(self, widget, clip):
        if not widget.get_mapped() or not widget.get_child_visible():
            return
        box = self.at(widget)
        clip = (max(clip[0], box[0]), max(clip[1], box[1]), min(clip[2], box[2]), min(clip[3], box[3]))
        if clip[2] - clip[0] < 3 or clip[3] - clip[1] < 3:
            return
        whole = screens.area(clip) > 0.7 * screens.area(box)
        if isinstance(widget, Gtk.Label):
            x, y = widget.get_layout_offsets()
            own = widget.get_allocation()
            self.layout(widget.get_layout(), box[0] + x - own.x, box[1] + y - own.y, clip)
            return
        if isinstance(widget, Gtk.Entry):
            if whole:
                self.truth.add("field", box)
            x, y = widget.get_layout_offsets()
            area = widget.get_text_area()
            inner = (max(clip[0], box[0] + area.x), clip[1], min(clip[2], box[0] + area.x + area.width), clip[3])
            self.layout(widget.get_layout(), box[0] + x, box[1] + y, inner)
            return
        if isinstance(widget, Gtk.TreeView):
            self.tree(widget, box, clip)
        elif isinstance(widget, Gtk.TextView):
            self.writing(widget, box, clip)
            return
        elif isinstance(widget, Gtk.CellView):
            self.cells(widget, box, clip)
            return
        elif whole:
            self.kind(widget, box)
        if isinstance(widget, Gtk.Notebook):
            for i in range(widget.get_n_pages()):
                label = widget.get_tab_label(widget.get_nth_page(i))
                if label.get_mapped():
                    tab = self.at(label)
                    self.truth.add("tab", (tab[0] - 9, tab[1] - 5, tab[2] + 9, tab[3] + 5))
        if isinstance(widget, Gtk.Container):
            widget.forall(lambda child: self.read(child, clip))

    def kind(self, widget, box):
        if isinstance(widget, Gtk.CheckButton):
            sort = "radio" if isinstance(widget, Gtk.RadioButton) else "check"
            found = self.indicator(widget, box)
            if found:
                self.truth.add(f"{sort}-{'on' if widget.get_active() else 'off'}", found)
        elif isinstance(widget, Gtk.Button):
            self.truth.add("button", box)
        elif isinstance(widget, Gtk.MenuItem):
            self.truth.add("menu-item", box)
        elif isinstance(widget, Gtk.Scrollbar) and max(box[2] - box[0], box[3] - box[1]) > 24:
            if widget.get_opacity() > 0.9 and not widget.get_style_context().has_class("overlay-indicator"):
                self.truth.add("scroll-bar", box)

    def indicator(self, widget, box):
        child = widget.get_child()
        right = self.at(child)[0] + child.get_layout_offsets()[0] - child.get_allocation().x if isinstance(child, Gtk.Label) else box[2]
        part = lines.luminance(self.rgb[int(box[1]) : int(box[3]), int(box[0]) : int(right) - 2]).astype(int)
        if part.size < 40:
            return None
        level = np.bincount(part.ravel(), minlength=256).argmax()
        ys, xs = np.nonzero(abs(part - level) > 10)
        if len(xs) < 20:
            return None
        return (box[0] + xs.min(), box[1] + ys.min(), box[0] + xs.max() + 1, box[1] + ys.max() + 1)

    def tree(self, view, box, clip):
        store = view.get_model()
        for path in range(len(store)):
            for i, column in enumerate(view.get_columns()):
                area = view.get_cell_area(Gtk.TreePath.new_from_indices([path]), column)
                x, y = view.convert_bin_window_to_widget_coords(area.x, area.y)
                cell = column.get_cells()[0]
                layout = view.create_pango_layout(store[path][i])
                wide, high = layout.get_pixel_size()
                pad = cell.get_padding()
                left, top = box[0] + x + pad[0], box[1] + y + (area.height - high) / 2
                inner = (max(clip[0], box[0] + x), clip[1], min(clip[2], box[0] + x + area.width), clip[3])
                head = view.convert_bin_window_to_widget_coords(0, 0)[1]
                inner = (inner[0], max(inner[1], box[1] + head), inner[2], inner[3])
                self.layout(layout, left, top, inner)

    def cells(self, view, box, clip):
        store, active = view.get_model(), view.get_displayed_row()
        if active is not None:
            layout = view.create_pango_layout(store[active][0])
            _, high = layout.get_pixel_size()
            self.layout(layout, box[0] + 2, box[1] + (box[3] - box[1] - high) / 2, clip)

    def writing(self, view, box, clip):
        buffer = view.get_buffer()
        for number in range(buffer.get_line_count()):
            start = buffer.get_iter_at_line(number)
            end = start.copy()
            if not end.ends_line():
                end.forward_to_line_end()
            text = buffer.get_text(start, end, False)
            place = view.get_iter_location(start)
            x, y = view.buffer_to_window_coords(Gtk.TextWindowType.WIDGET, place.x, place.y)
            layout = view.create_pango_layout(text)
            self.layout(layout, box[0] + x, box[1] + y, clip)


def settle():
    while Gtk.events_pending():
        Gtk.main_iteration_do(False)


def themed(rng):
    settings = Gtk.Settings.get_default()
    theme = rng.choice(THEMES)
    settings.set_property("gtk-theme-name", theme.replace("Adwaita-dark", "Adwaita"))
    settings.set_property("gtk-application-prefer-dark-theme", theme == "Adwaita-dark")
    return settings


def restyle(rng, settings):
    family = rng.choice(fonts.COMMON) if rng.random() < 0.7 else rng.choice(fonts.families())
    settings.set_property("gtk-font-name", f"{family} {rng.choice([8, 9, 10, 10, 10, 11, 11, 12, 13])}")
    settings.set_property("gtk-xft-dpi", int(96 * 1024 * rng.choice([1, 1, 1, 1, 1, 1.25, 1.5, 2])))
    settings.set_property("gtk-xft-antialias", 1)
    settings.set_property("gtk-xft-hinting", 1)
    settings.set_property("gtk-xft-hintstyle", rng.choice(["hintnone", "hintslight", "hintslight", "hintmedium", "hintfull"]))
    settings.set_property("gtk-xft-rgba", rng.choice(["none", "none", "rgb"]))


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 31
    rng = random.Random(seed)
    texts = Texts(rng)
    for i in range(count):
        if i % 8 == 0:
            settings = themed(rng)
        if i % 2 == 0:
            restyle(rng, settings)
        top = Gtk.OffscreenWindow()
        wide, high = rng.choice(SIZES)
        top.set_default_size(wide, high)
        top.set_size_request(wide, high)
        top.add(Window(rng, texts).build())
        top.show_all()
        settle()
        picture = cairo.ImageSurface(cairo.FORMAT_RGB24, wide, high)
        context = cairo.Context(picture)
        context.set_source_surface(top.get_surface())
        context.paint()
        rgb = screens.pixels(picture)
        truth = screens.Truth()
        Reader(top, truth, rgb).read(top.get_child(), (0, 0, wide, high))
        screens.save(folder, f"gtk-{seed}-{i:05}", rgb, truth)
        top.destroy()
        settle()


if __name__ == "__main__":
    main()
