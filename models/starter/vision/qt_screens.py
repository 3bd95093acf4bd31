"""Screens of real Qt widgets with random contents, styles and fonts, drawn off the screen.

    QT_QPA_PLATFORM=offscreen python qt_screens.py FOLDER COUNT [SEED]

Every window is painted twice: as pixels, and into an engine that only writes down which text stands
where. Needs PySide6 (LGPL).
"""

import random
import sys

import numpy as np
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPaintDevice, QPaintEngine, QPalette, QRegion
from PySide6.QtWidgets import (QAbstractButton, QAbstractSpinBox, QApplication, QCheckBox, QComboBox, QFormLayout, QGridLayout, QGroupBox, QHBoxLayout,
                               QLineEdit, QListWidget, QMenu, QMenuBar, QPlainTextEdit, QPushButton, QRadioButton, QScrollBar, QSpinBox, QStatusBar,
                               QStyle, QStyleOptionButton, QTableWidget, QTableWidgetItem, QTabBar, QTabWidget, QToolBar, QToolButton,
                               QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget)

import fonts
import screens
from text import Texts

SIZES = [(640, 480), (560, 420), (720, 400)]
STYLES = ["Fusion", "Fusion", "Fusion", "Windows"]
ICONS = [QStyle.SP_DialogOpenButton, QStyle.SP_DialogSaveButton, QStyle.SP_ArrowBack, QStyle.SP_ArrowForward, QStyle.SP_TrashIcon, QStyle.SP_BrowserReload,
         QStyle.SP_MessageBoxInformation, QStyle.SP_FileIcon, QStyle.SP_DirIcon, QStyle.SP_MediaPlay, QStyle.SP_DialogCloseButton, QStyle.SP_ComputerIcon]


class Engine(QPaintEngine):
    """Paints nothing; remembers texts."""

    def __init__(self, found):
        super().__init__(QPaintEngine.AllFeatures)
        self.found, self.clip = found, None

    def begin(self, device):
        return True

    def end(self):
        return True

    def type(self):
        return QPaintEngine.User

    def updateState(self, state):
        pass

    def drawPixmap(self, *rest):
        pass

    def drawImage(self, *rest):
        pass

    def drawPath(self, *rest):
        pass

    def drawPolygon(self, *rest):
        pass

    def drawRects(self, *rest):
        pass

    def drawLines(self, *rest):
        pass

    def drawTextItem(self, at, item):
        painter = self.painter()
        clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(-1e6, -1e6, 2e6, 2e6)
        move = painter.combinedTransform()
        self.found.append((item.text(), QFont(item.font()), move.map(at), move.mapRect(clip)))


class Device(QPaintDevice):
    def __init__(self, wide, high):
        super().__init__()
        self.wide, self.high, self.found = wide, high, []
        self.engine = Engine(self.found)

    def paintEngine(self):
        return self.engine

    def metric(self, which):
        known = {QPaintDevice.PdmWidth: self.wide, QPaintDevice.PdmHeight: self.high, QPaintDevice.PdmWidthMM: self.wide // 4, QPaintDevice.PdmHeightMM: self.high // 4,
                 QPaintDevice.PdmDpiX: 96, QPaintDevice.PdmDpiY: 96, QPaintDevice.PdmPhysicalDpiX: 96, QPaintDevice.PdmPhysicalDpiY: 96,
                 QPaintDevice.PdmNumColors: 1 << 24, QPaintDevice.PdmDepth: 32, QPaintDevice.PdmDevicePixelRatio: 1, QPaintDevice.PdmDevicePixelRatioScaled: int(QPaintDevice.devicePixelRatioFScale())}
        return known.get(which, 1)


class Window:
    def __init__(self, rng, texts):
        self.rng, self.texts = rng, texts

    def icon(self):
        return QApplication.style().standardIcon(self.rng.choice(ICONS))

    def button(self):
        button = QPushButton(self.texts.label(2).replace("&", ""))
        r = self.rng.random()
        if r < 0.2:
            button.setIcon(self.icon())
        elif r < 0.3:
            button.setText(self.texts.single().replace("&", "+"))
        button.setDefault(self.rng.random() < 0.1)
        button.setFlat(self.rng.random() < 0.08)
        button.setEnabled(self.rng.random() < 0.92)
        return button

    def field(self):
        r = self.rng.random()
        if r < 0.2:
            spin = QSpinBox(maximum=99999, value=self.rng.randint(0, 9999))
            spin.setSuffix(self.rng.choice(["", "", " px", " pt", " %", " ms"]))
            return spin
        if r < 0.4:
            combo = QComboBox()
            combo.addItem(self.texts.label(2))
            return combo
        entry = QLineEdit()
        entry.setPlaceholderText(self.texts.label()) if r < 0.55 else entry.setText(self.texts.any()) if r < 0.9 else None
        entry.setCursorPosition(0)
        return entry

    def check(self):
        kind = QCheckBox if self.rng.random() < 0.65 else QRadioButton
        check = kind(self.texts.label().replace("&", ""))
        check.setAutoExclusive(False)
        check.setChecked(self.rng.random() < 0.5)
        check.setEnabled(self.rng.random() < 0.92)
        return check

    def form(self):
        box = QWidget()
        form = QFormLayout(box)
        for _ in range(self.rng.randint(4, 11)):
            r = self.rng.random()
            if r < 0.5:
                form.addRow(self.texts.label(3).replace("&", ""), self.field())
            elif r < 0.8:
                form.addRow(self.check())
            else:
                form.addRow(self.button())
        return self.grouped(box)

    def grouped(self, inner):
        if self.rng.random() < 0.7:
            return inner
        group = QGroupBox(self.texts.label(2).replace("&", ""))
        if self.rng.random() < 0.2:
            group.setCheckable(True)
        QVBoxLayout(group).addWidget(inner)
        return group

    def keys(self):
        box = QWidget()
        grid = QGridLayout(box)
        grid.setSpacing(self.rng.choice([0, 2, 6]))
        for row in range(self.rng.randint(3, 6)):
            for column in range(self.rng.randint(4, 7)):
                text = (self.texts.single() if self.rng.random() < 0.75 else self.texts.short()).replace("&", "+")
                key = QPushButton(text) if self.rng.random() < 0.7 else QToolButton(text=text)
                key.setMinimumSize(20, 20)
                grid.addWidget(key, row, column)
        return box

    def listing(self):
        if self.rng.random() < 0.4:
            view = QListWidget()
            view.addItems([self.texts.any() for _ in range(self.rng.randint(4, 18))])
            if self.rng.random() < 0.5:
                view.setCurrentRow(1)
            return view
        count = self.rng.randint(1, 4)
        makers = [self.rng.choice([self.texts.file, self.texts.label, self.texts.number, self.texts.any]) for _ in range(count)]
        rows = [[make() for make in makers] for _ in range(self.rng.randint(4, 16))]
        heads = [self.texts.label(1) for _ in range(count)]
        if self.rng.random() < 0.5:
            view = QTreeWidget(columnCount=count)
            view.setHeaderLabels(heads)
            view.addTopLevelItems([QTreeWidgetItem(row) for row in rows])
            view.setAlternatingRowColors(self.rng.random() < 0.5)
        else:
            view = QTableWidget(len(rows), count)
            view.setHorizontalHeaderLabels(heads)
            for y, row in enumerate(rows):
                for x, text in enumerate(row):
                    view.setItem(y, x, QTableWidgetItem(text))
        for i in range(count):
            if self.rng.random() < 0.6:
                view.resizeColumnToContents(i)
        return view

    def writing(self):
        view = QPlainTextEdit()
        view.setLineWrapMode(QPlainTextEdit.NoWrap)
        make = self.texts.code if self.rng.random() < 0.3 else self.texts.sentence
        view.setPlainText("\n".join(make() if self.rng.random() < 0.9 else "" for _ in range(self.rng.randint(2, 18))))
        if self.rng.random() < 0.3:
            view.setFont(QFont("DejaVu Sans Mono", self.rng.randint(8, 12)))
        return view

    def menubar(self):
        bar = QMenuBar()
        for _ in range(self.rng.randint(3, 8)):
            bar.addAction(self.texts.word().title())
        return bar

    def toolbar(self):
        bar = QToolBar()
        bar.setToolButtonStyle(self.rng.choice([Qt.ToolButtonIconOnly, Qt.ToolButtonTextUnderIcon, Qt.ToolButtonTextBesideIcon]))
        for _ in range(self.rng.randint(3, 8)):
            bar.addAction(self.icon(), self.texts.label(1).replace("&", ""))
        return bar

    def menu(self, parent):
        menu = QMenu(parent)
        for _ in range(self.rng.randint(3, 11)):
            if self.rng.random() < 0.15:
                menu.addSeparator()
            action = menu.addAction(self.texts.label(3).replace("&", ""))
            r = self.rng.random()
            if r < 0.35:
                action.setShortcut(self.texts.accelerator().split("+")[0] + "+" + self.rng.choice("ABCDEFGHIJ"))
            elif r < 0.5:
                action.setCheckable(True)
                action.setChecked(self.rng.random() < 0.6)
            elif r < 0.6:
                action.setIcon(self.icon())
            action.setEnabled(self.rng.random() < 0.85)
        return menu

    def part(self):
        return self.rng.choice([self.form, self.form, self.form, self.keys, self.listing, self.listing, self.writing])()

    def body(self):
        r = self.rng.random()
        if r < 0.35:
            book = QTabWidget()
            for _ in range(self.rng.randint(2, 5)):
                book.addTab(self.part(), self.texts.label(2).replace("&", ""))
            return book
        box = QWidget()
        row = QHBoxLayout(box)
        for _ in range(1 if r < 0.6 else 2):
            row.addWidget(self.part())
        return box

    def build(self):
        top = QWidget()
        box = QVBoxLayout(top)
        box.setContentsMargins(*[self.rng.choice([0, 4, 9])] * 4)
        for share, make in ((0.55, self.menubar), (0.45, self.toolbar)):
            if self.rng.random() < share:
                box.addWidget(make())
        box.addWidget(self.body(), 1)
        if self.rng.random() < 0.4:
            row = QHBoxLayout()
            row.addStretch()
            for _ in range(self.rng.randint(1, 4)):
                row.addWidget(self.button())
            box.addLayout(row)
        elif self.rng.random() < 0.5:
            bar = QStatusBar()
            bar.showMessage(self.texts.sentence())
            box.addWidget(bar)
        return top


def pixels(image):
    image = image.convertToFormat(QImage.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), 2::-1].copy()


def lines_of(found, truth, move=(0, 0)):
    for text, font, at, clip in found:
        if not text.strip():
            continue
        metrics = QFontMetricsF(font)
        ink = metrics.tightBoundingRect(text)
        high = metrics.capHeight()
        base = at.y() + move[1]
        left, right = at.x() + ink.left() + move[0], at.x() + ink.right() + move[0]
        start, end = clip.left() + move[0], clip.right() + move[0]
        if base - 0.9 * high < clip.top() + move[1] - 1 or base > clip.bottom() + move[1] + 1 or left > end - 3 or right < start + 3:
            continue
        whole = left >= start - 1 and right <= end + 1
        truth.add_text((max(left, start), base - fonts.ABOVE * high, min(right, end), base + fonts.BELOW * high), text if whole and "\u2026" not in text else None)


def written(top, truth):
    """Widget by widget: where a child is drawn is told to no engine."""
    for widget in [top, *top.findChildren(QWidget)]:
        shown = widget.visibleRegion().boundingRect()
        if not widget.isVisible() or shown.isEmpty():
            continue
        device = Device(widget.width(), widget.height())
        widget.render(device, QPoint(), QRegion(), QWidget.RenderFlag(0))
        at = widget.mapTo(top, QPoint())
        lines_of([(text, font, where, clip & QRectF(shown)) for text, font, where, clip in device.found], truth, (at.x(), at.y()))


def kinds_of(top, truth):
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        at = widget.mapTo(top, widget.rect().topLeft())
        box = lambda r: (at.x() + r.x(), at.y() + r.y(), at.x() + r.x() + r.width(), at.y() + r.y() + r.height())
        if widget.visibleRegion().boundingRect().width() < 0.8 * widget.width() or widget.visibleRegion().boundingRect().height() < 0.8 * widget.height():
            continue
        if isinstance(widget, (QCheckBox, QRadioButton)):
            option = QStyleOptionButton()
            widget.initStyleOption(option)
            radio = isinstance(widget, QRadioButton)
            part = widget.style().subElementRect(QStyle.SE_RadioButtonIndicator if radio else QStyle.SE_CheckBoxIndicator, option, widget)
            truth.add(f"{'radio' if radio else 'check'}-{'on' if widget.isChecked() else 'off'}", box(part))
        elif isinstance(widget, QAbstractButton):
            truth.add("button", box(widget.rect()))
        elif isinstance(widget, (QComboBox, QAbstractSpinBox)) or isinstance(widget, QLineEdit) and not isinstance(widget.parent(), (QComboBox, QAbstractSpinBox)):
            truth.add("field", box(widget.rect()))
        elif isinstance(widget, QScrollBar) and max(widget.width(), widget.height()) > 24:
            truth.add("scroll-bar", box(widget.rect()))
        elif isinstance(widget, QMenuBar):
            for action in widget.actions():
                truth.add("menu-item", box(widget.actionGeometry(action)))
        elif isinstance(widget, QTabBar):
            for i in range(widget.count()):
                truth.add("tab", box(widget.tabRect(i)))


def restyle(rng, application):
    application.setStyle(rng.choice(STYLES))
    tint, ink = fonts.colours(rng)
    palette = QPalette()
    if rng.random() < 0.6:
        colour = lambda c: QColor.fromRgbF(*c)
        palette = QPalette(colour(tint))
        dark = fonts.luminance(tint) < 0.5
        base = [min(1, max(0, c + (-0.06 if dark else 0.08))) for c in tint]
        for role, value in ((QPalette.WindowText, ink), (QPalette.Text, ink), (QPalette.ButtonText, ink), (QPalette.Base, base), (QPalette.Window, tint), (QPalette.Button, tint)):
            palette.setColor(role, colour(value))
    application.setPalette(palette)
    family = rng.choice(fonts.COMMON) if rng.random() < 0.7 else rng.choice(fonts.families())
    font = QFont(family)
    font.setPixelSize(rng.choice([10, 11, 12, 12, 13, 13, 13, 14, 15, 16, 17, 20, 24]))
    font.setHintingPreference(rng.choice([QFont.PreferDefaultHinting, QFont.PreferNoHinting, QFont.PreferVerticalHinting, QFont.PreferFullHinting]))
    application.setFont(font)


def main():
    folder, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 43
    rng = random.Random(seed)
    texts = Texts(rng)
    application = QApplication(sys.argv[:1])
    for i in range(count):
        if i % 2 == 0:
            restyle(rng, application)
        wide, high = rng.choice(SIZES)
        window = Window(rng, texts)
        top = window.build()
        top.setFixedSize(wide, high)
        top.show()
        application.processEvents()
        image = QImage(wide, high, QImage.Format_RGB32)
        top.render(image)
        truth = screens.Truth()
        written(top, truth)
        kinds_of(top, truth)
        rgb = pixels(image)
        if rng.random() < 0.35:
            over(window, rng, top, rgb, truth, application)
        screens.save(folder, f"qt-{seed}-{i:05}", rgb, truth)
        top.close()
        top.deleteLater()
        application.processEvents()


def over(window, rng, top, rgb, truth, application):
    """An open menu over the window."""
    menu = window.menu(top)
    menu.ensurePolished()
    size = menu.sizeHint()
    menu.resize(size)
    wide, high = min(size.width(), rgb.shape[1] - 4), min(size.height(), rgb.shape[0] - 4)
    x, y = rng.randint(0, rgb.shape[1] - wide - 1), rng.randint(0, rgb.shape[0] - high - 1)
    image = QImage(size.width(), size.height(), QImage.Format_RGB32)
    menu.render(image)
    device = Device(size.width(), size.height())
    menu.render(device)
    rgb[y : y + high, x : x + wide] = pixels(image)[:high, :wide]
    truth.cover((x, y, x + wide, y + high))
    own = screens.Truth()
    lines_of(device.found, own, (x, y))
    for box in own.text:
        truth.add_text(box, own.read.get(tuple(box)))
    for action in menu.actions():
        r = menu.actionGeometry(action)
        if not action.isSeparator():
            truth.add("menu-item", (x + r.x(), y + r.y(), x + r.x() + r.width(), y + r.y() + r.height()))
    menu.deleteLater()


if __name__ == "__main__":
    main()
